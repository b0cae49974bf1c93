using System.Buffers;
using Akka.Actor;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Sessions;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>
/// Brings what upstreams say outside of calls to the streams of this node's sessions. News of a session's own upstream session are for it alone;
/// those of a shared one are for all sessions of the server, as far as they concern all: lists and resources, not logs, which may be somebody else's.
/// </summary>
internal sealed class UpstreamNewsRelay : ReceiveActor
{
    private static readonly byte[][] EveryList =
    [
        """{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"""u8.ToArray(),
        """{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}"""u8.ToArray(),
        """{"jsonrpc":"2.0","method":"notifications/resources/list_changed"}"""u8.ToArray(),
    ];

    private readonly SessionStreams _streams;
    private readonly ServerRequests _requests;

    public UpstreamNewsRelay(SessionStreams streams, ServerRequests requests)
    {
        _streams = streams;
        _requests = requests;
        Receive<UpstreamNews>(OnNews);
        Receive<CatalogueChanged>(OnCatalogue);
    }

    public static Props Props(SessionStreams streams, ServerRequests requests) =>
        Akka.Actor.Props.Create(() => new UpstreamNewsRelay(streams, requests));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(UpstreamNews));
        Context.System.EventStream.Subscribe(Self, typeof(CatalogueChanged));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnNews(UpstreamNews news)
    {
        if (news.Slot.IsSession)
        {
            var session = news.Slot.Value[2..];
            if (news.IsRequest)
                Ask(session, news);
            else
                _streams.Publish(session, news.Message);
            return;
        }

        var method = MethodOf(news.Message);
        if (!ConcernsAll(method))
            return;
        _streams.PublishToRoute(news.Server.Value, news.Message);
        if (method != McpMethod.ResourceUpdatedNotification)
            _streams.PublishToRoute(SessionInfo.AllServers, news.Message);
    }

    private void Ask(string session, UpstreamNews news)
    {
        var body = new ReadOnlySequence<byte>(news.Message);
        var scan = JsonRpcScanner.Scan(body, JsonLimits.Upstream);
        if (!scan.IsMessage || !_requests.TryAdd(new ServerRequest(session, news.Connection, scan.Envelope.Id.In(body).ToArray()), out var id))
            return;
        using var splices = new SplicePlan();
        splices.Replace(scan.Envelope.Id, id);
        using var asked = splices.Apply(body);
        if (!_streams.Publish(session, asked.ToArray()))
            _requests.Remove(id);
    }

    private void OnCatalogue(CatalogueChanged changed)
    {
        foreach (var message in EveryList)
            _streams.PublishToRoute(SessionInfo.AllServers, message);
    }

    private static McpMethod MethodOf(ReadOnlyMemory<byte> message)
    {
        var scan = JsonRpcScanner.Scan(new ReadOnlySequence<byte>(message), JsonLimits.Upstream);
        return scan.IsMessage ? scan.Envelope.Method : McpMethod.Unknown;
    }

    private static bool ConcernsAll(McpMethod method) => method
        is McpMethod.ToolsListChangedNotification or McpMethod.PromptsListChangedNotification
        or McpMethod.ResourcesListChangedNotification or McpMethod.ResourceUpdatedNotification;
}

/// <summary>Starts the relay with the host.</summary>
internal sealed class UpstreamNewsService(ActorSystem system, SessionStreams streams, ServerRequests requests) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        system.ActorOf(UpstreamNewsRelay.Props(streams, requests), "front-news");
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
