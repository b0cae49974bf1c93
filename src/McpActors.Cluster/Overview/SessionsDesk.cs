using McpActors.Cluster.Sessions;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Overview.OverviewProtocol;

namespace McpActors.Cluster.Overview;

/// <summary>Tells of the sessions that this node owns, and of those that it serves as a front.</summary>
internal sealed class SessionsDesk(LocalSessions owned, SessionCache served, SessionStreams streams)
{
    /// <summary>Session actors that run here.</summary>
    public int Owned => owned.Count;

    /// <summary>Sessions that this node serves.</summary>
    public int Served => served.Count;

    public SessionsHere Answer(GetSessions question)
    {
        var known = owned.Open.Select(state => (Info: state.Info!, state.LastUse, Owned: true))
            .Concat(served.Uses.Select(use => (use.Info, use.LastUse, Owned: false)))
            .Select(seen => (Handle: SessionHandle.Of(seen.Info.Id), seen.Info, seen.LastUse, seen.Owned))
            .Where(seen => string.CompareOrdinal(seen.Handle, question.After) > 0)
            .OrderBy(seen => seen.Handle, StringComparer.Ordinal)
            // A session may be both owned and served here.
            .Take(question.Limit * 2);
        return new SessionsHere([.. known.Select(seen => Sighting(seen.Handle, seen.Info, seen.LastUse, seen.Owned))]);
    }

    public SessionIdHere Answer(GetSessionId question) => new(
        owned.Open.Select(state => state.Info!).Concat(served.List()).Select(info => info.Id).FirstOrDefault(id => SessionHandle.Of(id) == question.Handle));

    private SessionSighting Sighting(string handle, SessionInfo info, DateTimeOffset lastUse, bool isOwner) => new(
        handle, info.Route, info.ProtocolRevision.Text, info.Principal, info.CreatedAt, lastUse, info.LogLevel, info.Subscriptions, info.Stored, isOwner,
        isOwner ? 0 : streams.CountOf(info.Id));
}
