using Akka.Actor;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Health;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Gateway.Front;
using McpActors.Gateway.Front.Security;
using McpActors.Gateway.Management;
using McpActors.Gateway.Nodes;
using McpActors.Gateway.Observability;
using McpActors.Gateway.Pipeline;
using McpActors.Gateway.Quickstart;
using McpActors.Transports;
using Microsoft.AspNetCore.Connections;
using Serilog;

namespace McpActors.Gateway.Hosting;

/// <summary>Puts a node together: its listeners in front, the actor system behind, and an orderly end.</summary>
internal static class NodeHost
{
    private const int BannerServers = 50;
    private static readonly TimeSpan BannerPatience = TimeSpan.FromSeconds(10);

    /// <summary>Runs a node until it is told to stop.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(NodeStart start, (TextWriter Output, TextWriter Error) console, CancellationToken cancel)
    {
        if (Listeners.Faults(start.Loaded.Configuration) is { Count: > 0 } faults)
        {
            foreach (var fault in faults)
                await console.Error.WriteLineAsync(fault);
            return Cli.CommandLine.Usage;
        }

        await using var app = Build(start);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancel, app.Lifetime.ApplicationStopping);
        try
        {
            await app.StartAsync(cancel);
            await app.Services.GetRequiredService<INodeReadiness>().WhenReady.WaitAsync(stopping.Token);
            await WriteBannerAsync(app, start, console.Output, stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // Told to stop, or given up by the others, before it served: what has started is stopped like any node.
        }
        catch (IOException refused) when (refused.InnerException is AddressInUseException)
        {
            // Taken since it was tried.
            await console.Error.WriteLineAsync($"{refused.Message} Another node may run already: stop it, or change front.listen or management.listen.");
            return Cli.CommandLine.Usage;
        }

        catch (StoreException refused)
        {
            await console.Error.WriteLineAsync(refused.Message);
            return Cli.CommandLine.Failed;
        }

        await app.WaitForShutdownAsync(cancel);
        // A supervisor that restarts what failed is to bring back a node that the others gave up.
        return CoordinatedShutdown.Get(app.Services.GetRequiredService<ActorSystem>()).ShutdownReason switch
        {
            CoordinatedShutdown.ClusterDowningReason => Cli.CommandLine.Failed,
            ConfigurationRefused refused => refused.ExitCode,
            _ => Cli.CommandLine.Ok,
        };
    }

    /// <summary>The node, not yet started.</summary>
    public static WebApplication Build(NodeStart start)
    {
        var configuration = start.Loaded.Configuration;
        KestrelHardening.RefuseBareLineFeeds();
        CallMetrics.SuppressCostlyDefaults();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(Logging.Create(configuration.Observability.Logs), dispose: true);
        builder.Services.AddTracing(configuration.Observability.OtlpEndpoint, configuration.Node.Name);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listeners.Open(kestrel, configuration));
        var node = NodeSettings.From(configuration);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = node.ShutdownTimeout);
        builder.Services.AddSingleton(start);
        builder.Services.AddSingleton<IServerMetrics, PrometheusServerMetrics>();
        builder.Services.AddSingleton<IHealthMetrics, PrometheusHealthMetrics>();
        builder.Services.AddSingleton<ICallObserver, CallMetrics>();
        builder.Services.AddManagement();
        builder.Services.AddSingleton(TransportsOf(configuration.Limits));
        builder.Services.AddSingleton<IUpstreamConnector, UpstreamConnector>();
        builder.Services.AddMcpCluster(node, start.Loaded.ToCatalogueFile());
        builder.Services.AddInternal(configuration.Cluster);
        builder.Services.AddHostedService<GracefulLeave>();
        builder.Services.AddFront(configuration);
        if (start.Quickstart)
            builder.Services.AddHostedService(provider => new SampleServer(SampleServer.DefaultAddress, provider.GetRequiredService<TimeProvider>()));
        var app = builder.Build();
        app.MapWhen(context => context.CameBy(ListenerRole.Management), branch => Listeners.ManagementPipeline(branch, configuration.Management));
        app.MapWhen(context => context.CameBy(ListenerRole.Front), branch => Listeners.FrontPipeline(branch, configuration.Front));
        app.MapWhen(context => context.CameBy(ListenerRole.Internal), branch => branch.UseInternal());
        return app;
    }

    private static TransportSettings TransportsOf(LimitOptions limits) => new() { ResultLimit = limits.Result, LineLimit = limits.Line, Depth = limits.Depth };

    private static async Task WriteBannerAsync(WebApplication app, NodeStart start, TextWriter output, CancellationToken cancel)
    {
        var configuration = start.Loaded.Configuration;
        var models = app.Services.GetRequiredService<ICatalogue>().Current.Servers;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(BannerPatience);
        var rows = await app.Services.GetRequiredService<ServerEndpoints>().RowsAsync([.. models.Take(BannerServers)], limit.Token);
        Banner.Write(output, (configuration.Front, configuration.Management), rows);
    }
}
