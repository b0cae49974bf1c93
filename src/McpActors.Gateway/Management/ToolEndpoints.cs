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
        var wanted = context.Request.Query["server"].ToString();
        IReadOnlyList<ServerModel> servers = [.. catalogue.Current.Servers.Where(model => model.Enabled)];
        if (wanted.Length > 0)
        {
            if (!catalogue.Current.TryFind(wanted, out var one))
                return Answers.Refuse(StatusCodes.Status404NotFound, "unknownServer", $"There is no server '{wanted}'.");
            servers = [one];
        }

        var replies = await Task.WhenAll(servers.Select(model =>
            calls.GetCatalogueAsync(new ServerProtocol.GetCatalogue(model.Id, ListKinds.Tools, time.GetUtcNow() + model.Timeout.List), context.RequestAborted)));
        return Answers.Json(new
        {
            tools = servers.Zip(replies, (model, reply) => ToolsOf(model, reply.Catalogue)).SelectMany(tools => tools),
            unavailable = replies.Where(reply => reply.UnavailableReason is not null).Select(reply => new { server = reply.Server.Value, reason = reply.UnavailableReason }),
        });
    }

    private static IEnumerable<object> ToolsOf(ServerModel model, ServerCatalogue? known)
    {
        foreach (var item in known?.Tools?.Items ?? [])
        {
            var operatorSays = model.Tool(item.Name);
            using var definition = JsonDocument.Parse(item.Json);
            yield return new
            {
                server = model.Id.Value,
                name = item.Name,
                effect = Views.Word(operatorSays.Effect ?? ToolEffect.Write),
                hidden = operatorSays.Hidden,
                description = definition.RootElement.TryGetProperty("description", out var text) ? text.GetString() : null,
            };
        }
    }
}
