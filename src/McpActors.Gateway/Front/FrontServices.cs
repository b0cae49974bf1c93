using McpActors.Core.Configuration;
using McpActors.Gateway.Front.Aggregate;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Front.Rest;
using McpActors.Gateway.Nodes;
using McpActors.Gateway.Pipeline;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpActors.Gateway.Front;

/// <summary>Registers and maps the front: the endpoints of MCP clients and of programs.</summary>
public static class FrontServices
{
    /// <summary>Adds the front and the pipeline of calls.</summary>
    public static IServiceCollection AddFront(this IServiceCollection services, GatewayConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ICallObserver>(NoCallObserver.Instance);
        services.AddSingleton(FrontSettings.From(configuration.Limits));
        services.AddSingleton<ServerRequests>().AddSingleton<ServerAsks>().AddSingleton<Carrier>().AddSingleton<CallServices>().AddSingleton<Refresher>();
        services.AddSingleton<CallPipeline>().AddSingleton<CallFactory>().AddSingleton<RemoteConnections>();
        services.AddSingleton<CatalogueGathering>().AddSingleton<MergedLists>().AddSingleton<TargetResolver>().AddSingleton<AggregateMcpRoute>();
        services.AddSingleton<VisibleTools>().AddSingleton<McpRoutes>();
        services.AddSingleton<InFlightCalls>().AddSingleton<SessionReplies>().AddSingleton<SessionRelay>().AddSingleton<SessionTraffic>().AddSingleton<SessionLookup>();
        services.AddSingleton<LegacyPost>().AddSingleton<ModernPost>().AddSingleton<PostHandler>().AddSingleton<SessionEndpoint>();
        services.AddSingleton<McpEndpoint>().AddSingleton<RestEndpoint>();
        services.AddHostedService<CatalogueNews>();
        services.AddRouting();
        return services;
    }

    /// <summary>Maps the routes of the front listener.</summary>
    public static IEndpointRouteBuilder MapFront(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var mcp = routes.ServiceProvider.GetRequiredService<McpEndpoint>();
        var rest = routes.ServiceProvider.GetRequiredService<RestEndpoint>();
        routes.Map("/mcp/{id}", (RequestDelegate)mcp.ServerAsync);
        routes.Map("/mcp", (RequestDelegate)mcp.AggregateAsync);
        routes.MapPost("/api/v1/servers/{id}/tools/{tool}", (RequestDelegate)rest.HandleAsync);
        routes.MapGet("/healthz/live", (RequestDelegate)Probes.LiveAsync);
        routes.MapGet("/healthz/ready", (RequestDelegate)Probes.ReadyAsync);
        return routes;
    }
}
