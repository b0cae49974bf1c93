using Akka.Actor;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Nodes;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Sessions;

/// <summary>The ear of a node: tells sessions of their use, and hears from them of changes and of their end.</summary>
internal sealed class SessionNews : ReceiveActor
{
    // Of a session that found no room in the cache its use is not known here; this one is before any that its owner knows.
    private static readonly DateTimeOffset NotKnown = DateTimeOffset.UnixEpoch;

    private readonly IActorRef _region;
    private readonly SessionCache _cache;
    private readonly SessionStreams _streams;
    private readonly TimeSpan _restAfter;
    private readonly IDrain _drain;

    public SessionNews(IActorRef region, SessionCache cache, SessionStreams streams, TimeSpan restAfter, IDrain drain)
    {
        _region = region;
        _cache = cache;
        _streams = streams;
        _restAfter = restAfter;
        _drain = drain;
        Receive<TellUse>(use => TellOwner(use.SessionId, use.At));
        Receive<SessionFound>(found => cache.Update(found.Info));
        Receive<SessionEnded>(ended => Forget(ended.SessionId));
        Receive<SessionResting>(OnResting);
        Receive<SessionUnknown>(unknown => Forget(unknown.SessionId));
        Receive<NodeGone>(_ => OnNodeGone());
    }

    public static Props Props(IActorRef region, SessionCache cache, SessionStreams streams, TimeSpan restAfter, IDrain drain) =>
        Akka.Actor.Props.Create(() => new SessionNews(region, cache, streams, restAfter, drain));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(NodeGone));

    private void OnResting(SessionResting resting)
    {
        // Who leaves uses it no more, and the region of a node that is the last one would wait with its end for what it can send to nobody.
        if (_drain.Started.IsCancellationRequested)
            return;
        var listens = _streams.IsAttached(resting.SessionId);
        // With the use that there was: that its actor stays is no use.
        if ((_cache.Rest(resting.SessionId, _restAfter, listens) ?? (listens ? NotKnown : null)) is { } lastUse)
            TellOwner(resting.SessionId, lastUse);
    }

    /// <summary>
    /// Owners died with it, and the next ones do not know who uses their sessions. Those that listen here are told at once, because their streams end with them; the others when
    /// they are used, so that a loss wakes no sessions that nobody uses.
    /// </summary>
    private void OnNodeGone()
    {
        _cache.TellAnew();
        foreach (var id in _streams.Sessions)
            TellOwner(id, _cache.LastUse(id) ?? NotKnown);
    }

    private void TellOwner(string id, DateTimeOffset at) => _region.Tell(new Touch(id, at) { Ago = _cache.Ago(at) }, Self);

    private void Forget(string id)
    {
        _cache.Remove(id);
        _streams.End(id);
    }

    /// <summary>From the façade: this session was used.</summary>
    internal sealed record TellUse(string SessionId, DateTimeOffset At) : INoSerializationVerificationNeeded;
}
