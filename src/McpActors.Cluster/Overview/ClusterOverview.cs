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
        var looks = await LookAsync<ServersHere, ServerStatus>(models, new GetServers([.. models.Select(model => model.Id)]), static (decider, now) => decider.Status(now), ct);
        return [.. looks.Select(look => new ServerGlance(look.Model, look.Seen, look.Running, look.Why))];
    }

    public async Task<IReadOnlyList<ToolsGlance>> ToolsAsync(IReadOnlyList<ServerModel> models, CancellationToken ct)
    {
        var looks = await LookAsync<ToolsHere, KnownTools>(models, new GetTools([.. models.Select(model => model.Id)]), Remembered, ct);
        return [.. looks.Select(look => new ToolsGlance(
            look.Model, look.Seen is { IsKnown: true, Tools: var tools } ? tools?.Items ?? [] : null, look.Running, look.Seen?.Why ?? look.Why))];

        // An answer from memory never comes later.
        static KnownTools Remembered(ServerDecider decider, DateTimeOffset now) =>
            KnownTools.Of(decider.GetCatalogue(0, ServersDesk.RememberedTools(decider.Server), now)!);
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

    /// <summary>What the actors of servers say; and where none runs, what it would say right after its start.</summary>
    private async Task<IReadOnlyList<Look<T>>> LookAsync<THere, T>(
        IReadOnlyList<ServerModel> models, IOverviewQuestion question, Func<ServerDecider, DateTimeOffset, T> ask, CancellationToken ct)
        where THere : class, IServersHere<T>
        where T : class, IWithServerId
    {
        var (replies, silent) = await nodes.AskAsync<THere>(question, ct, NodeSettings.WorkerRole);
        var running = new Dictionary<ServerId, T>();
        foreach (var seen in replies.SelectMany(reply => reply.Reply.Seen))
            running[seen.Server] = seen;
        var mute = replies.SelectMany(reply => reply.Reply.Silent.Select(server => (server, reply.Node))).ToLookup(pair => pair.server, pair => pair.Node);
        var asleep = models.Select(model => model.Id).Where(id => !running.ContainsKey(id)).ToArray();
        var states = await FromJournalAsync(token => journal.ServersAsync(asleep, token), ct);
        return [.. models.Select(model => running.TryGetValue(model.Id, out var seen) ? new Look<T>(model, seen, Running: true, null) : Asleep(model))];

        Look<T> Asleep(ServerModel model)
        {
            var mutes = mute[model.Id].FirstOrDefault();
            if (states is null)
                return new Look<T>(model, null, mutes is not null, mutes is null ? "its actor does not run, and the journal does not answer" : $"its actor on {mutes} does not answer");
            var why = mutes is not null
                ? $"its actor on {mutes} does not answer; this is its last state in the journal"
                : silent.Count > 0 ? $"{string.Join(", ", silent)} does not answer; this is its last state in the journal" : null;
            return new Look<T>(model, AsItWouldStart(model, states.GetValueOrDefault(model.Id, ServerState.Initial), ask), Running: false, why);
        }
    }

    /// <summary>What its actor would say right after its start: the machine is pure, so it needs no actor to be asked. What it would do about it is left undone.</summary>
    private T AsItWouldStart<T>(ServerModel model, ServerState state, Func<ServerDecider, DateTimeOffset, T> ask)
    {
        var now = time.GetUtcNow();
        var decider = new ServerDecider(ServerSettings.Of(model) with { Eager = false }, static () => 0);
        decider.Recover(state, now);
        return ask(decider, now);
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

    /// <summary>One server, looked at.</summary>
    private sealed record Look<T>(ServerModel Model, T? Seen, bool Running, string? Why);
}
