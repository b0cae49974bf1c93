using Akka.Actor;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Persistence;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Cluster.Tests.Hosting;

/// <summary>A real node on a free port and a store of its own, built by the same methods as the product.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly IHost _host;

    private TestNode(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public JournalHealth Health => Get<JournalHealth>();

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public static NodeSettings Settings(string databaseFile) => new()
    {
        Connection = $"Data Source={databaseFile}",
        OwnsProcess = false,
        Drain = TimeSpan.FromSeconds(5),
        Notice = TimeSpan.Zero,
        Failover = FailoverMode.Fast,
    };

    public static async Task<TestNode> StartAsync(NodeSettings settings, CatalogueFile? file = null, Action<IServiceCollection>? services = null, bool wait = true)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        if (Environment.GetEnvironmentVariable("MCPACTORS_TEST_LOG") is not null)
            builder.Logging.AddSimpleConsole(o => o.TimestampFormat = "HH:mm:ss.fff ");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.ShutdownTimeout);
        services?.Invoke(builder.Services);
        builder.Services.TryAddSingleton<IRevisionReader, NoRevisions>();
        builder.Services.AddMcpCluster(settings, file ?? CatalogueFile.Empty);
        var host = builder.Build();
        await host.StartAsync();
        var node = new TestNode(host);
        if (wait)
            await node.Get<INodeReadiness>().WhenReady.WaitAsync(TimeSpan.FromSeconds(20));
        return node;
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

/// <summary>For nodes that all have the same file: they have nothing to read.</summary>
internal sealed class NoRevisions : IRevisionReader
{
    public RevisionReading Read(RevisionContent revision, CatalogueFile own) => new(null, ["this node reads no revisions"]);
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mcpactors-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Path, recursive: true);
    }
}
