using McpActors.Cluster.Discovery;
using McpActors.Cluster.Sessions;
using McpActors.Core.Sessions;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>Tells the sessions of the merged endpoint that its lists changed when servers came or went.</summary>
internal sealed class CatalogueNews(ICatalogue catalogue, SessionStreams streams) : IHostedService
{
    private static readonly byte[][] EveryList =
    [
        """{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"""u8.ToArray(),
        """{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}"""u8.ToArray(),
        """{"jsonrpc":"2.0","method":"notifications/resources/list_changed"}"""u8.ToArray(),
    ];

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        catalogue.Changed += Tell;
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken)
    {
        catalogue.Changed -= Tell;
        return Task.CompletedTask;
    }

    private void Tell(CatalogueChanged change)
    {
        foreach (var message in EveryList)
            streams.PublishToRoute(SessionInfo.AllServers, message);
    }
}
