using System.Text.Json;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Management;

/// <summary>
/// The tools of all servers. Looking wakes nobody: the last good lists answer, and only where none is known a server is asked, if that starts no process. Who names
/// one server, or orders a refresh, has asked for what it takes.
/// </summary>
internal sealed class ToolEndpoints(IServerCalls calls, IOverview overview, ICatalogue catalogue, TimeProvider time)
{
    private const string NotRunning = "it does not run, and its tools are not known yet; ?refresh=true starts and asks it";

    /// <summary>The tools of every enabled server, or of one.</summary>
    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return fault;
        var refresh = context.Request.Query["refresh"].ToString();
        if (refresh is not ("" or "true" or "false"))
            return Answers.Refuse(StatusCodes.Status400BadRequest, "badRefresh", $"'refresh' must be true or false, found '{refresh}'.");
        var wanted = context.Request.Query["server"].ToString();
        IReadOnlyList<ServerModel> servers = [.. catalogue.Current.Servers.Where(model => model.Enabled)];
        if (wanted.Length > 0)
        {
            if (!catalogue.Current.TryFind(wanted, out var one))
                return Answers.UnknownServer(catalogue.Current, wanted);
            servers = [one];
        }

        var seen = refresh is "true"
            ? await Task.WhenAll(servers.Select(model => AskAsync(model, ListEffort.Start, context.RequestAborted)))
            : await LookAsync(servers, wanted.Length > 0 ? ListEffort.Start : ListEffort.NoProcess, context.RequestAborted);
        var after = context.Request.Query["after"].ToString();
        ToolRow[] page = [.. seen.SelectMany(ToolsOf)
            .Where(tool => string.CompareOrdinal(KeyOf(tool), after) > 0).OrderBy(KeyOf, StringComparer.Ordinal).Take(limit + 1)];
        var more = page.Length > limit;
        return Answers.Json(new ToolPage(
            more ? page[..limit] : page,
            [.. seen.Where(server => server.Why is not null).Select(server => new MissingServer(server.Model.Id.Value, server.Why))],
            [.. seen.Where(server => server is { Tools: null, Why: null }).Select(server => new MissingServer(server.Model.Id.Value, NotRunning))],
            more ? KeyOf(page[limit - 1]) : null));
    }

    private async Task<Seen[]> LookAsync(IReadOnlyList<ServerModel> servers, ListEffort whereUnknown, CancellationToken cancel)
    {
        var glances = await overview.ToolsAsync(servers, cancel);
        return await Task.WhenAll(glances.Select(async glance =>
        {
            var remembered = new Seen(glance.Model, glance.Tools, glance.Why);
            if (remembered.Tools is not null || (whereUnknown != ListEffort.Start && glance is { Running: false, Model.Transport: ServerTransport.Stdio }))
                return remembered;
            var asked = await AskAsync(glance.Model, whereUnknown, cancel);
            return asked with { Why = asked.Why ?? (asked.Tools is null ? remembered.Why : null) };
        }));
    }

    private async Task<Seen> AskAsync(ServerModel model, ListEffort effort, CancellationToken cancel)
    {
        var query = new ServerProtocol.GetCatalogue(model.Id, ListKinds.Tools, time.GetUtcNow() + model.Timeout.List) { Effort = effort };
        var reply = await calls.GetCatalogueAsync(query, cancel);
        return new Seen(model, reply.Catalogue?.Tools?.Items ?? (reply.Fresh ? [] : null), reply.UnavailableReason);
    }

    private static string KeyOf(ToolRow tool) => $"{tool.Server}/{tool.Name}";

    private static IEnumerable<ToolRow> ToolsOf(Seen server)
    {
        foreach (var item in server.Tools ?? [])
        {
            var operatorSays = server.Model.Tool(item.Name);
            yield return new ToolRow(
                server.Model.Id.Value,
                item.Name,
                Views.Word(operatorSays.Effect ?? ToolEffect.Write),
                operatorSays.Hidden,
                DescriptionOf(item));
        }
    }

    /// <summary>What a server says of a tool, which may be anything; null when it is no text.</summary>
    internal static string? DescriptionOf(ListItem item)
    {
        using var definition = JsonDocument.Parse(item.Json);
        if (!definition.RootElement.TryGetProperty("description", out var text) || text.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return null;
        }
    }

    /// <summary>What is known of one server.</summary>
    /// <param name="Model">The server.</param>
    /// <param name="Tools">Its tools; null: not known.</param>
    /// <param name="Why">Why they are not known, or may be old.</param>
    private sealed record Seen(ServerModel Model, IReadOnlyList<ListItem>? Tools, string? Why);
}
