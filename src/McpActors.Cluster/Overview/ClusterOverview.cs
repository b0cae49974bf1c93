using McpActors.Cluster.Hosting;
using McpActors.Cluster.Persistence;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Overview.OverviewProtocol;

namespace McpActors.Cluster.Overview;

/// <summary>Puts together what the nodes and the journal know.</summary>
internal sealed class ClusterOverview(NodeQuestions nodes, LastStates journal, TimeProvider time) : IOverview
{
    private static readonly TimeSpan JournalTime = TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<ServerGlance>> ServersAsync(IReadOnlyList<ServerModel> models, CancellationToken ct)
    {
        var (replies, silent) = await nodes.AskAsync<ServersHere>(new GetServers([.. models.Select(model => model.Id)]), ct, NodeSettings.WorkerRole);
        var running = new Dictionary<ServerId, ServerStatus>();
        foreach (var status in replies.SelectMany(reply => reply.Reply.Statuses))
            running[status.Server] = status;
        var mute = replies.SelectMany(reply => reply.Reply.Silent.Select(server => (server, reply.Node))).ToLookup(pair => pair.server, pair => pair.Node);
        var asleep = models.Select(model => model.Id).Where(id => !running.ContainsKey(id)).ToArray();
        var states = await FromJournalAsync(token => journal.ServersAsync(asleep, token), ct);
        return [.. models.Select(model => running.TryGetValue(model.Id, out var status) ? new ServerGlance(model, status, Running: true, null) : Asleep(model))];

        ServerGlance Asleep(ServerModel model)
        {
            var mutes = mute[model.Id].FirstOrDefault();
            if (states is null)
                return new ServerGlance(model, null, mutes is not null, mutes is null ? "its actor does not run, and the journal does not answer" : $"its actor on {mutes} does not answer");
            var why = mutes is not null
                ? $"its actor on {mutes} does not answer; this is its last state in the journal"
                : silent.Count > 0 ? $"{string.Join(", ", silent)} does not answer; this is its last state in the journal" : null;
            return new ServerGlance(model, AsItWouldStart(model, states.GetValueOrDefault(model.Id, ServerState.Initial)), Running: false, why);
        }
    }

    public async Task<Gathered<SessionGlance>> SessionsAsync(string after, int limit, CancellationToken ct)
    {
        var asked = nodes.AskAsync<SessionsHere>(new GetSessions(after, limit), ct);
        var stored = await FromJournalAsync(token => journal.SessionsAsync(after, limit, token), ct);
        var (replies, silent) = await asked;
        var sightings = replies
            .SelectMany(reply => reply.Reply.Sessions.Select(session => (reply.Node, Session: session)))
            .Concat((stored ?? []).Select(session => (Node: "", Session: Sighting(session.Handle, session.State))));
        return new Gathered<SessionGlance>(
            [.. sightings.GroupBy(seen => seen.Session.Handle, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Take(limit).Select(Merge)],
            stored is null ? [.. silent, "journal"] : silent);
    }

    public async Task<string?> FindSessionAsync(string handle, CancellationToken ct)
    {
        var (replies, _) = await nodes.AskAsync<SessionIdHere>(new GetSessionId(handle), ct);
        return replies.Select(reply => reply.Reply.Id).FirstOrDefault(id => id is not null)
            ?? await FromJournalAsync(token => journal.FindSessionAsync(handle, token), ct);
    }

    public async Task<Gathered<(string Node, ShardGlance Shard)>> ShardsAsync(string region, CancellationToken ct)
    {
        var (replies, silent) = await nodes.AskAsync<ShardsHere>(new GetShards(region), ct, NodeSettings.WorkerRole);
        return new Gathered<(string, ShardGlance)>([.. replies.SelectMany(reply => reply.Reply.Shards.Select(shard => (reply.Node, shard)))], silent);
    }

    public async Task<Gathered<(string Node, NodeGlance Glance)>> NodesAsync(CancellationToken ct)
    {
        var (replies, silent) = await nodes.AskAsync<NodeHere>(new GetNode(), ct);
        return new Gathered<(string, NodeGlance)>([.. replies.Select(reply => (reply.Node, reply.Reply.Node))], silent);
    }

    /// <summary>What its actor would say right after its start: the machine is pure, so it needs no actor to be asked. What it would do about it is left undone.</summary>
    private ServerStatus AsItWouldStart(ServerModel model, ServerState state)
    {
        var now = time.GetUtcNow();
        var decider = new ServerDecider(ServerSettings.Of(model) with { Eager = false }, static () => 0);
        decider.Recover(state, now);
        return decider.Status(now);
    }

    /// <summary>Null when the journal does not answer; a list is shown without what it knows.</summary>
    private static async Task<T?> FromJournalAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken ct)
        where T : class?
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(JournalTime);
        try
        {
            return await read(limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception fault) when (StoreFault.IsUnread(fault) || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private static SessionSighting Sighting(string handle, SessionState state)
    {
        var info = state.Info!;
        return new SessionSighting(
            handle, info.Route, info.ProtocolRevision.Text, info.Principal, info.CreatedAt, state.LastRecordedUse, info.LogLevel, info.Subscriptions, Stored: true, Owned: false, 0);
    }

    private static SessionGlance Merge(IGrouping<string, (string Node, SessionSighting Session)> seen)
    {
        // Its owner knows it best.
        var (owner, best) = seen.OrderByDescending(sighting => sighting.Session.Owned).First();
        return new SessionGlance
        {
            Handle = seen.Key,
            Route = best.Route,
            Revision = best.Revision,
            Principal = best.Principal,
            CreatedAt = best.CreatedAt,
            LastUse = seen.Max(sighting => sighting.Session.LastUse),
            LogLevel = best.LogLevel,
            Subscriptions = best.Subscriptions,
            Stored = seen.Any(sighting => sighting.Session.Stored),
            OwnerNode = best.Owned ? owner : null,
            StreamNodes = [.. seen.Where(sighting => sighting.Session.Streams > 0).Select(sighting => sighting.Node)],
        };
    }
}
