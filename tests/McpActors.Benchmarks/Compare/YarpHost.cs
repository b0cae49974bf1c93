using Yarp.ReverseProxy.Configuration;

namespace McpActors.Benchmarks.Compare;

/// <summary>The plainest YARP application: one route, one destination.</summary>
internal static class YarpHost
{
    /// <summary>Forwards everything to <paramref name="backend"/> until the process is told to stop.</summary>
    public static async Task<int> RunAsync(string url, string backend)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "backend", Match = new RouteMatch { Path = "/{**rest}" } }],
            [new ClusterConfig { ClusterId = "backend", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = backend } } }]);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
        return 0;
    }
}
