using System.Text.Json;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Management;

/// <summary>The tools of all servers, from their catalogues; servers on demand are started for it.</summary>
internal sealed class ToolEndpoints(IServerCalls calls, ICatalogue catalogue, TimeProvider time)
{
    /// <summary>The tools of every enabled server, or of one.</summary>
    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return fault;
        var wanted = context.Request.Query["server"].ToString();
        IReadOnlyList<ServerModel> servers = [.. catalogue.Current.Servers.Where(model => model.Enabled)];
        if (wanted.Length > 0)
        {
            if (!catalogue.Current.TryFind(wanted, out var one))
                return Answers.UnknownServer(catalogue.Current, wanted);
            servers = [one];
        }

        var replies = await Task.WhenAll(servers.Select(model =>
            calls.GetCatalogueAsync(new ServerProtocol.GetCatalogue(model.Id, ListKinds.Tools, time.GetUtcNow() + model.Timeout.List), context.RequestAborted)));
        var after = context.Request.Query["after"].ToString();
        ToolRow[] page = [.. servers.Zip(replies, (model, reply) => ToolsOf(model, reply.Catalogue)).SelectMany(tools => tools)
            .Where(tool => string.CompareOrdinal(KeyOf(tool), after) > 0).OrderBy(KeyOf, StringComparer.Ordinal).Take(limit + 1)];
        var more = page.Length > limit;
        return Answers.Json(new ToolPage(
            more ? page[..limit] : page,
            [.. replies.Where(reply => reply.UnavailableReason is not null).Select(reply => new MissingServer(reply.Server.Value, reply.UnavailableReason))],
            more ? KeyOf(page[limit - 1]) : null));
    }

    private static string KeyOf(ToolRow tool) => $"{tool.Server}/{tool.Name}";

    private static IEnumerable<ToolRow> ToolsOf(ServerModel model, ServerCatalogue? known)
    {
        foreach (var item in known?.Tools?.Items ?? [])
        {
            var operatorSays = model.Tool(item.Name);
            using var definition = JsonDocument.Parse(item.Json);
            yield return new ToolRow(
                model.Id.Value,
                item.Name,
                Views.Word(operatorSays.Effect ?? ToolEffect.Write),
                operatorSays.Hidden,
                definition.RootElement.TryGetProperty("description", out var text) ? text.GetString() : null);
        }
    }
}
