using McpActors.Cluster.Overview;
using McpActors.Core.Discovery;
using McpActors.Gateway.Cli;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Front.Rest;
using McpActors.Gateway.Hosting;
using McpActors.Gateway.Observability;
using Prometheus;

namespace McpActors.Gateway.Management;

/// <summary>The management listener: every route of <see cref="ApiTable"/> with its handler.</summary>
internal static class ManagementApi
{
    /// <summary>Registers what the handlers need.</summary>
    public static void AddManagement(this IServiceCollection services)
    {
        services.AddSingleton(new NodeClock(TimeProvider.System));
        services.AddSingleton<ThisMember>();
        services.AddSingleton<INodeSelf, NodeSelf>();
        services.AddSingleton<ClusterEndpoints>();
        services.AddSingleton<StatusEndpoint>();
        services.AddSingleton<SessionEndpoints>();
        services.AddSingleton<StreamEndpoint>();
        services.AddSingleton<NodeChecks>();
        services.AddSingleton<ServerEndpoints>();
        services.AddSingleton<ToolEndpoints>();
        services.AddSingleton<KeyEndpoints>();
        services.AddSingleton<AlertEndpoints>();
        services.AddSingleton<SourceEndpoints>();
        services.AddSingleton<ApprovalEndpoints>();
        services.AddSingleton<ConfigEndpoints>();
        services.AddSingleton<NodeMetrics>();
        services.AddSingleton<IRevisionReader, RevisionReader>();
        services.AddSingleton<SourceMetrics>();
        services.AddSingleton<ConfigurationService>();
        services.AddHostedService(provider => provider.GetRequiredService<ConfigurationService>());
        services.AddOpenApi(OpenApiDocument.Describe);
        services.ConfigureHttpJsonOptions(http => ManagementJson.Apply(http.SerializerOptions));
    }

    /// <summary>Maps every route.</summary>
    public static void MapManagement(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var servers = services.GetRequiredService<ServerEndpoints>();
        MapNode(routes, services);
        routes.Map(ApiTable.Servers, servers.ListAsync);
        routes.Map(ApiTable.Server, servers.GetAsync);
        routes.Map(ApiTable.Events, servers.EventsAsync);
        routes.Map(ApiTable.PutServer, servers.PutAsync);
        routes.Map(ApiTable.DeleteServer, servers.DeleteAsync);
        routes.Map(ApiTable.Restore, servers.RestoreAsync);
        routes.Map(ApiTable.Enable, context => servers.SetEnabledAsync(context, enabled: true));
        routes.Map(ApiTable.Disable, context => servers.SetEnabledAsync(context, enabled: false));
        routes.Map(ApiTable.Restart, servers.RestartAsync);
        routes.Map(ApiTable.SetCircuit, servers.SetCircuitAsync);
        routes.Map(ApiTable.ResetCircuit, servers.ResetCircuitAsync);
        routes.Map(ApiTable.ClearCache, servers.ClearCacheAsync);
        var keys = services.GetRequiredService<KeyEndpoints>();
        routes.Map(ApiTable.Keys, keys.ListAsync);
        routes.Map(ApiTable.CreateKey, keys.CreateAsync);
        routes.Map(ApiTable.RevokeKey, keys.RevokeAsync);
        var sessions = services.GetRequiredService<SessionEndpoints>();
        routes.Map(ApiTable.Sessions, sessions.ListAsync);
        routes.Map(ApiTable.EndSession, sessions.EndAsync);
        routes.Map(ApiTable.Alerts, services.GetRequiredService<AlertEndpoints>().ListAsync);
        MapDiscovery(routes);
        routes.Map(ApiTable.Tools, services.GetRequiredService<ToolEndpoints>().ListAsync);
        // The same handler as the front's: the command line calls tools over the listener that it talks to anyway.
        var rest = services.GetRequiredService<RestEndpoint>();
        ApiDescription.Add(routes.MapMethods(ApiTable.Call.Path, [ApiTable.Call.Method], (Delegate)((HttpContext context) => rest.HandleAsync(context))), ApiTable.Call);
        routes.MapOpenApi("/openapi/{documentName}.json");
    }

    private static void MapDiscovery(IEndpointRouteBuilder routes)
    {
        var sources = routes.ServiceProvider.GetRequiredService<SourceEndpoints>();
        var approvals = routes.ServiceProvider.GetRequiredService<ApprovalEndpoints>();
        routes.Map(ApiTable.Sources, sources.ListAsync);
        routes.Map(ApiTable.SourceServers, sources.ServersAsync);
        routes.Map(ApiTable.Approvals, approvals.ListAsync);
        routes.Map(ApiTable.Approve, context => approvals.JudgeAsync(context, approve: true));
        routes.Map(ApiTable.Reject, context => approvals.JudgeAsync(context, approve: false));
    }

    private static void MapNode(IEndpointRouteBuilder routes, IServiceProvider services)
    {
        var checks = services.GetRequiredService<NodeChecks>();
        var cluster = services.GetRequiredService<ClusterEndpoints>();
        var config = services.GetRequiredService<ConfigEndpoints>();
        routes.Map(ApiTable.Alive, _ => Task.FromResult(NodeChecks.Alive()));
        routes.Map(ApiTable.Live, _ => Task.FromResult(NodeChecks.Alive()));
        routes.Map(ApiTable.Ready, _ => Task.FromResult(checks.Ready()));
        routes.Map(ApiTable.HealthReady, _ => Task.FromResult(checks.Ready()));
        routes.Map(ApiTable.Metrics, context => MetricsAsync(context, services.GetRequiredService<NodeMetrics>()));
        routes.Map(ApiTable.Status, services.GetRequiredService<StatusEndpoint>().GetAsync);
        routes.Map(ApiTable.Stream, services.GetRequiredService<StreamEndpoint>().GetAsync);
        routes.Map(ApiTable.Config, config.GetAsync);
        routes.Map(ApiTable.Diff, _ => Task.FromResult(config.Diff()));
        routes.Map(ApiTable.Reload, config.ReloadAsync);
        routes.Map(ApiTable.Members, cluster.MembersAsync);
        routes.Map(ApiTable.Member, context => Task.FromResult(cluster.Member(context)));
        routes.Map(ApiTable.ChangeMember, cluster.ChangeAsync);
        routes.Map(ApiTable.Shards, cluster.ShardsAsync);
        routes.Map(ApiTable.Singletons, cluster.SingletonsAsync);
    }

    private static void Map(this IEndpointRouteBuilder routes, ApiRoute route, Func<HttpContext, Task<IResult>> handler) =>
        ApiDescription.Add(routes.MapMethods(route.Path, [route.Method], (Delegate)((HttpContext context) => handler(context))), route);

    private static async Task<IResult> MetricsAsync(HttpContext context, NodeMetrics node)
    {
        node.Refresh();
        context.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
        await Metrics.DefaultRegistry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
        return Results.Empty;
    }
}
