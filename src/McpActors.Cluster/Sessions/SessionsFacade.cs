using Akka.Actor;
using Akka.Hosting;
using McpActors.Cluster.Nodes;
using McpActors.Core.Sessions;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Sessions;

/// <summary>Sessions as the front sees them: a cache of this node before the sharded actors.</summary>
internal sealed class SessionsFacade(
    IRequiredActor<SessionActor> region,
    IRequiredActor<SessionNews> news,
    SessionCache cache,
    SessionStreams streams,
    INodes nodes,
    TimeProvider time) : ISessions
{
    /// <summary>Longer than the journal's own patience, so that the actor's reason arrives and not a timeout.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(12);

    /// <summary>With other nodes: above the time in which a lost owner is replaced under <c>balanced</c>.</summary>
    private static readonly TimeSpan TakeOverTime = TimeSpan.FromSeconds(20);

    /// <summary>How long a session is asked for whose owner cannot read the journal: as long as an owner waits for one that is only slow.</summary>
    private static readonly TimeSpan JournalTime = TimeSpan.FromSeconds(10);

    /// <summary>Between questions to such an owner. It may also be another one by then.</summary>
    private static readonly TimeSpan JournalAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>When to ask a full node again: room comes when a client ends its session or leaves it unused, which nobody can foretell.</summary>
    private static readonly TimeSpan RoomAgain = TimeSpan.FromSeconds(30);

    private readonly QuestionsAnew _anew = new(nodes, time);

    public int Count => cache.Count;

    public async Task<SessionInfo> OpenAsync(SessionOpen open, CancellationToken ct)
    {
        if (!cache.HasRoom())
        {
            throw new SessionRefusedException(
                $"this node has {cache.Count} sessions in use and takes no more (limits.sessions); close sessions that are not needed, or try again later", RoomAgain);
        }

        // Asked anew it is another session: one that was stored already has a past, which a new one does not wait for. What was opened in vain ends by its idle time.
        var reply = await AskAsync(() => new Open(SessionIds.Next(), open.Route, open.Profile, open.Principal), AskAnew.AfterLoss, ct);
        var info = Expect(reply)!;
        cache.Keep(info);
        // Even an unused session hears whether the journal took it, and of its end.
        Touch(info.Id);
        return info;
    }

    public ValueTask<SessionInfo?> FindAsync(string id, CancellationToken ct)
    {
        if (!SessionIds.IsWellFormed(id))
            return ValueTask.FromResult<SessionInfo?>(null);
        return cache.Find(id) is { } known ? ValueTask.FromResult<SessionInfo?>(known) : new ValueTask<SessionInfo?>(FetchAsync(id, ct));
    }

    public Task<SessionInfo?> SetLogLevelAsync(string id, SessionLogLevel level, CancellationToken ct) =>
        ChangeAsync(new SetLogLevel(id, level), ct);

    public Task<SessionInfo?> SubscribeAsync(string id, ResourceSubscription resource, CancellationToken ct) =>
        ChangeAsync(new Subscribe(id, resource), ct);

    public Task<SessionInfo?> UnsubscribeAsync(string id, ResourceSubscription resource, CancellationToken ct) =>
        ChangeAsync(new Unsubscribe(id, resource), ct);

    public async Task<bool> CloseAsync(string id, SessionEnd reason, CancellationToken ct)
    {
        if (!SessionIds.IsWellFormed(id))
            return false;
        var reply = await AskAsync(new Close(id, reason), ct);
        Forget(id);
        return reply is SessionEnded;
    }

    public void Touch(string id)
    {
        if (cache.Use(id))
            news.ActorRef.Tell(new SessionNews.TellUse(id, time.GetUtcNow()));
    }

    public IReadOnlyList<SessionInfo> List() => cache.List();

    private async Task<SessionInfo?> FetchAsync(string id, CancellationToken ct)
    {
        var info = Expect(await AskAsync(new GetSession(id), ct));
        if (info is not null)
            cache.Keep(info);
        return info;
    }

    private async Task<SessionInfo?> ChangeAsync(ISessionCommand command, CancellationToken ct)
    {
        if (!SessionIds.IsWellFormed(command.SessionId))
            return null;
        var info = Expect(await AskAsync(command, ct));
        if (info is null)
            Forget(command.SessionId);
        else
            cache.Keep(info);
        return info;
    }

    private void Forget(string id)
    {
        cache.Remove(id);
        streams.End(id);
    }

    // A session whose owner moved while the journal fails is not there until it can be read; its client would have to try again, and some throw the session away.
    private async Task<ISessionReply> AskAsync(IWithSessionId message, CancellationToken ct)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            var reply = await AskAsync(() => message, AskAnew.AfterSilence, ct);
            if (reply is not SessionUnavailable unavailable)
                return reply;
            if (time.GetElapsedTime(begun) >= JournalTime)
                throw new SessionUnavailableException(unavailable.Reason) { NoJournal = true };
            await Task.Delay(JournalAgain, time, ct);
        }
    }

    private async Task<ISessionReply> AskAsync(Func<object> question, AskAnew anew, CancellationToken ct)
    {
        var owner = await region.GetAsync(ct);
        try
        {
            return nodes.Alone
                ? await owner.Ask<ISessionReply>(question(), AnswerTime, ct)
                : (await _anew.AskAsync(_ => owner.Ask<ISessionReply>(question(), TakeOverTime, ct), anew)).Value;
        }
        catch (AskTimeoutException late)
        {
            throw new SessionUnavailableException("the owner of this session does not answer; try again", late);
        }
    }

    /// <summary>The session of a reply; null when there is none.</summary>
    private static SessionInfo? Expect(ISessionReply reply) => reply switch
    {
        SessionFound found => found.Info,
        SessionUnknown or SessionEnded => null,
        SessionRefused refused => throw new SessionRefusedException(refused.Reason),
        _ => throw new InvalidOperationException($"{reply.GetType().Name} is no answer of a session."),
    };
}
