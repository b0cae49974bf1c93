using System.Net;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Servers;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Front;
using McpActors.Gateway.Front.Security;
using McpActors.Gateway.Hosting;
using McpActors.MockServer;
using McpActors.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpActors.Gateway.Tests.Front;

/// <summary>A whole node in this process, actors and store included, with mock servers behind it. Built by the same methods as the product.</summary>
internal sealed class GatewayNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TemporaryFolder _folder;

    private GatewayNode(WebApplication app, TemporaryFolder folder)
    {
        _app = app;
        _folder = folder;
        Url = new Uri(app.Urls.Single());
        Http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Url { get; }

    public HttpClient Http { get; }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<GatewayNode> StartAsync(IReadOnlyList<ServerModel> servers, Action<IServiceCollection>? services = null, LimitOptions? limits = null)
    {
        var folder = new TemporaryFolder();
        var configuration = new GatewayConfiguration { Limits = limits ?? LimitOptions.Default };
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("MCPACTORS_TEST_LOG") is not null)
            builder.Logging.AddSimpleConsole();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            KestrelHardening.Apply(kestrel, configuration.Limits.Request);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        services?.Invoke(builder.Services);
        var node = new NodeSettings
        {
            Connection = $"Data Source={folder.File("journal.db")}",
            OwnsProcess = false,
            Drain = TimeSpan.FromSeconds(5),
            Failover = FailoverMode.Fast,
            MaxSessions = configuration.Limits.Sessions,
        };
        var start = new NodeStart(ConfigurationLoader.ForMachine().Load(), ConfigurationLoader.ForMachine(), [], Quickstart: false);
        builder.Services.AddSingleton<IRevisionReader>(new RevisionReader(start));
        builder.Services.AddMcpCluster(node, new CatalogueFile(servers, "test"));
        builder.Services.AddFront(configuration);
        var app = builder.Build();
        app.UseMiddleware<ListenerGuard>(ListenerPolicy.LoopbackOnly);
        app.UseMiddleware<RequestIds>();
        app.MapFront();
        await app.StartAsync();
        var gateway = new GatewayNode(app, folder);
        await gateway.Get<INodeReadiness>().WhenReady.WaitAsync(TimeSpan.FromSeconds(30));
        return gateway;
    }

    /// <summary>A server behind the node.</summary>
    public static ServerModel Server(string id, MockMcpServer mock) => new()
    {
        Id = new ServerId(id),
        Title = id,
        Transport = ServerTransport.Http,
        Url = mock.Url,
        Revision = id + mock.Url,
    };

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
