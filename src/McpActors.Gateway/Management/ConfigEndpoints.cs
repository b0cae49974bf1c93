using System.Text.Json.Nodes;
using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Gateway.Management;

/// <summary>The configuration as the management listener shows and reloads it.</summary>
internal sealed class ConfigEndpoints(ConfigurationService service, ICatalogue catalogue)
{
    /// <summary>The configuration in force, secrets masked, with its revision and hash.</summary>
    public IResult Get()
    {
        var own = service.Own;
        var agreed = catalogue.Agreement;
        return Answers.Json(new ConfigView(
            agreed?.Revision,
            own.Hash,
            agreed?.Hash,
            agreed is not null && agreed.Hash != own.Hash,
            own.Files,
            [.. own.Warnings.Select(warning => warning.ToString())],
            JsonNode.Parse(ConfigurationJson.WriteMasked(catalogue.File.Configuration)),
            [.. catalogue.Overlay.Select(entry => new OverlayView(entry.Server.Value, entry.Definition is null, entry.Who, entry.At))]));
    }

    /// <summary>What a reload would change.</summary>
    public IResult Diff() => Answer(service.Preview());

    /// <summary>Reads the files again.</summary>
    public async Task<IResult> ReloadAsync(HttpContext context) => Answer(await service.ReloadAsync(context.RequestAborted));

    private static IResult Answer(ReloadOutcome outcome)
    {
        var tried = outcome.Tried;
        if (!tried.IsValid)
        {
            string[] faults = [.. tried.Faults.Select(fault => fault.ToString())];
            var count = faults.Length == 1 ? "1 fault" : $"{faults.Length} faults";
            return Answers.Refuse(
                StatusCodes.Status422UnprocessableEntity, "badConfiguration", $"{count}; the old configuration stays in force. {string.Join(" ", faults)}", faults);
        }

        return Answers.Json(new ReloadView(
            [.. outcome.Changes.Added.Select(id => id.Value)],
            [.. outcome.Changes.Changed.Select(id => id.Value)],
            [.. outcome.Changes.Removed.Select(id => id.Value)],
            [.. outcome.Changes.NeedRestart],
            [.. tried.Warnings.Select(warning => warning.ToString())],
            outcome.Applied?.Text));
    }
}
