using System.Collections.Frozen;
using System.Text.Json.Nodes;
using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Discovery;
using McpActors.Core.Routing;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Gateway.Management;

/// <summary>The configuration as the management listener shows and reloads it.</summary>
internal sealed class ConfigEndpoints(ConfigurationService service, ICatalogue catalogue, INodeRevisions revisions)
{
    /// <summary>How long a reload waits for the other nodes, so that its answer can tell of them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    /// <summary>The configuration in force, secrets masked, and what every node runs.</summary>
    public async Task<IResult> GetAsync(HttpContext context)
    {
        var (here, own) = (revisions.Own, service.Own);
        var nodes = await revisions.AskAllAsync(context.RequestAborted);
        return Answers.Json(new ConfigView(
            here.Revision < 0 ? null : here.Revision,
            here.Hash,
            here.Revision < 0 ? null : here.AgreedHash,
            own.Hash,
            Views.Word(here.Standing),
            here.Reason,
            here.Standing == RevisionStanding.FileDiffers,
            own.Files,
            [.. own.Warnings.Select(warning => warning.ToString())],
            [.. nodes.Select(View)],
            [.. catalogue.Overlay.Select(entry => new OverlayView(entry.Server.Value, entry.Definition is null, entry.Who, entry.At))],
            JsonNode.Parse(ConfigurationJson.WriteMasked(Effective()))));
    }

    /// <summary>What a reload would change.</summary>
    public IResult Diff()
    {
        var outcome = service.Preview();
        if (!outcome.Tried.IsValid)
            return Bad(outcome.Tried);
        var here = revisions.Own;
        var differs = here.Revision >= 0 && here.AgreedHash != outcome.Tried.Hash;
        return Answers.Json(new DiffView(
            here.Revision < 0 ? null : here.Revision,
            here.Revision < 0 ? null : here.AgreedHash,
            outcome.Tried.Hash,
            differs,
            here.Standing is RevisionStanding.InStep or RevisionStanding.FileDiffers ? null : here.Reason,
            [.. outcome.Changes.Added.Select(id => id.Value)],
            [.. outcome.Changes.Changed.Select(id => id.Value)],
            [.. outcome.Changes.Removed.Select(id => id.Value)],
            [.. outcome.Changes.NeedRestart],
            [.. outcome.Tried.Warnings.Select(warning => warning.ToString())]));
    }

    /// <summary>Reads the files again, makes them the cluster's revision, and tells how each node took it.</summary>
    public async Task<IResult> ReloadAsync(HttpContext context)
    {
        var outcome = await service.ReloadAsync(context.RequestAborted);
        if (outcome.Applied is not { } applied)
            return Bad(outcome.Tried);
        if (applied.Revision is not { } revision)
            return Answers.Refuse(StatusCodes.Status503ServiceUnavailable, "notStored", $"The configuration in force stays for now, in all nodes: {applied.Text}.");
        var nodes = await UntilTakenAsync(revision, context.RequestAborted);
        return Answers.Json(new ReloadView(
            revision,
            outcome.Tried.Hash,
            applied.IsNew,
            [.. outcome.Changes.Added.Select(id => id.Value)],
            [.. outcome.Changes.Changed.Select(id => id.Value)],
            [.. outcome.Changes.Removed.Select(id => id.Value)],
            revisions.Own.NeedsRestart,
            [.. outcome.Tried.Warnings.Select(warning => warning.ToString())],
            [.. nodes.Select(View)]));
    }

    private async Task<IReadOnlyList<MemberRevision>> UntilTakenAsync(long revision, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Again);
        for (var waited = TimeSpan.Zero; ; waited += Again)
        {
            var nodes = await revisions.AskAllAsync(cancel);
            if (waited >= Patience || nodes.All(node => node.Revision is null or { Standing: not RevisionStanding.Behind } && (node.Revision?.Revision ?? revision) >= revision))
                return nodes;
            await timer.WaitForNextTickAsync(cancel);
        }
    }

    /// <summary>What is in effect here. Whatever an operator entered for a server as a header or variable is hidden, because nothing tells a secret from another.</summary>
    private GatewayConfiguration Effective()
    {
        var (file, table) = (catalogue.File.Configuration, catalogue.Current);
        var entered = table.Servers.Where(server => table.FindRoute(server.Id)?.Source.Kind == ServerSource.Api).SelectMany(server =>
        {
            var path = SettingPath.Child("servers", server.Id.Value);
            return server.Headers.Keys.Select(name => SettingPath.Child(path + ".headers", name)).Concat(server.Environment.Keys.Select(name => SettingPath.Child(path + ".env", name)));
        });
        return file with
        {
            Servers = table.Servers.ToFrozenDictionary(server => server.Id),
            SensitivePaths = file.SensitivePaths.Concat(entered).ToFrozenSet(StringComparer.Ordinal),
        };
    }

    private static IResult Bad(ConfigurationResult tried)
    {
        string[] faults = [.. tried.Faults.Select(fault => fault.ToString())];
        var count = faults.Length == 1 ? "1 fault" : $"{faults.Length} faults";
        return Answers.Refuse(
            StatusCodes.Status422UnprocessableEntity, "badConfiguration", $"{count}; the configuration in force stays, in all nodes. {string.Join(" ", faults)}", faults);
    }

    private static ConfigNodeView View(MemberRevision member) => member.Revision is { } node
        ? new ConfigNodeView(
            member.Address, node.Node, node.Revision < 0 ? null : node.Revision, node.Hash, node.FileHash, Views.Word(node.Standing), node.Reason, node.Files, node.Faults, node.NeedsRestart)
        : new ConfigNodeView(member.Address, null, null, null, null, "noAnswer", "it did not answer within 2 s: it is starting, leaving, or not to be reached", [], [], []);
}
