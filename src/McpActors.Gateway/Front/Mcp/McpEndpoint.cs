using McpActors.Cluster.Discovery;
using McpActors.Gateway.Front.Http;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>The MCP endpoints: finds out what stands behind the path and hands the request to the handler of its HTTP method.</summary>
internal sealed class McpEndpoint(ICatalogue catalogue, McpRoutes routes, PostHandler post, SessionEndpoint sessions)
{
    /// <summary>Answers <c>/mcp/{id}</c>.</summary>
    public Task ServerAsync(HttpContext http)
    {
        var id = (string)http.Request.RouteValues["id"]!;
        var table = catalogue.Current;
        return table.TryFind(id, out var server)
            ? HandleAsync(http, routes.For(server))
            : JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.UnknownServerId(Short(id), table.Suggest(id))).AsTask();
    }

    /// <summary>Answers <c>/mcp</c>.</summary>
    public Task AggregateAsync(HttpContext http) => HandleAsync(http, routes.Aggregate);

    private Task HandleAsync(HttpContext http, IMcpRoute route)
    {
        var method = http.Request.Method;
        if (HttpMethods.IsPost(method))
            return post.HandleAsync(http, route);
        if (HttpMethods.IsGet(method))
            return sessions.GetAsync(http, route);
        if (HttpMethods.IsDelete(method))
            return sessions.DeleteAsync(http, route);
        return MethodNotAllowedAsync(http, "POST, GET, DELETE");
    }

    /// <summary>Says which methods there are.</summary>
    internal static Task MethodNotAllowedAsync(HttpContext http, string allow)
    {
        http.Response.Headers.Allow = allow;
        return JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.Protocol(405, $"Allowed here: {allow}.")).AsTask();
    }

    /// <summary>What a caller sent goes back to it in an error, but not at any length.</summary>
    private static string Short(string text) => text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 64), "…");
}
