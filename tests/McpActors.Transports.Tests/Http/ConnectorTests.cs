using McpActors.Core.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpActors.Transports.Tests.Http;

/// <summary>A connector and its events for one test class.</summary>
public abstract class ConnectorTests : IDisposable
{
    internal RecordedEvents Events { get; } = new();

    internal UpstreamConnector Connector { get; } = new(
        new TransportSettings
        {
            ResultLimit = 1024 * 1024,
            ProbeTimeout = TimeSpan.FromSeconds(5),
            StreamRetry = TimeSpan.FromMilliseconds(20),
            StreamRetryMax = TimeSpan.FromMilliseconds(100),
        },
        TimeProvider.System,
        NullLoggerFactory.Instance);

    public void Dispose()
    {
        Connector.Dispose();
        GC.SuppressFinalize(this);
    }

    internal Task<IUpstreamConnection> ConnectAsync(ServerModel model)
        => Connector.ConnectAsync(Models.Request(model), Events, new CancellationTokenSource(Limits.Patience).Token);
}
