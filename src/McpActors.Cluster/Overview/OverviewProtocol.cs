using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Overview;

/// <summary>A question about what a node has at hand. It wakes nobody and changes nothing.</summary>
internal interface IOverviewQuestion;

/// <summary>Its answer.</summary>
internal interface IOverviewReply;

/// <summary>What a node tells of servers, each of which is in one of the lists if its actor runs there.</summary>
/// <typeparam name="T">What it tells of one.</typeparam>
internal interface IServersHere<out T> : IOverviewReply
    where T : IWithServerId
{
    /// <summary>What the actors say.</summary>
    IReadOnlyList<T> Seen { get; }

    /// <summary>Those whose actor did not answer in time.</summary>
    IReadOnlyList<ServerId> Silent { get; }
}

/// <summary>What nodes ask each other, over their internal listeners, so that each of them can show the whole cluster.</summary>
internal static class OverviewProtocol
{
    /// <summary>How these servers are, as far as their actors run here. Answer: <see cref="ServersHere"/>.</summary>
    internal sealed record GetServers(IReadOnlyList<ServerId> Servers) : IOverviewQuestion;

    /// <summary>Those whose actor runs here.</summary>
    /// <param name="Seen">How they are.</param>
    /// <param name="Silent">Those whose actor did not answer in time.</param>
    internal sealed record ServersHere(IReadOnlyList<ServerStatus> Seen, IReadOnlyList<ServerId> Silent) : IServersHere<ServerStatus>;

    /// <summary>Which tools these servers have, as far as their actors run here; nobody behind them is asked. Answer: <see cref="ToolsHere"/>.</summary>
    internal sealed record GetTools(IReadOnlyList<ServerId> Servers) : IOverviewQuestion;

    /// <summary>Those whose actor runs here.</summary>
    /// <param name="Seen">Their tools.</param>
    /// <param name="Silent">Those whose actor did not answer in time.</param>
    internal sealed record ToolsHere(IReadOnlyList<KnownTools> Seen, IReadOnlyList<ServerId> Silent) : IServersHere<KnownTools>;

    /// <summary>The tools of one server.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="IsKnown">Whether it is known which tools it has.</param>
    /// <param name="Tools">Its last good list; null also for a server that says it has none.</param>
    /// <param name="Why">Why the server cannot be used, or why there is no list.</param>
    internal sealed record KnownTools(ServerId Server, bool IsKnown, ListCopy? Tools, string? Why) : IWithServerId
    {
        /// <summary>The tools of all that is known.</summary>
        public static KnownTools Of(ServerProtocol.CatalogueReply reply) =>
            new(reply.Server, reply.Catalogue?.Tools is not null || reply.Fresh, reply.Catalogue?.Tools, reply.UnavailableReason);
    }

    /// <summary>The sessions known here whose handle comes after this one, in the order of their handles. Answer: <see cref="SessionsHere"/>.</summary>
    internal sealed record GetSessions(string After, int Limit) : IOverviewQuestion;

    /// <summary>Sessions that a node knows.</summary>
    internal sealed record SessionsHere(IReadOnlyList<SessionSighting> Sessions) : IOverviewReply;

    /// <summary>Which session has this handle? Answer: <see cref="SessionIdHere"/>.</summary>
    internal sealed record GetSessionId(string Handle) : IOverviewQuestion;

    /// <summary>The session's id; null: it is not known here.</summary>
    internal sealed record SessionIdHere(string? Id) : IOverviewReply;

    /// <summary>The shards of a region that are here, with their entities. Answer: <see cref="ShardsHere"/>.</summary>
    internal sealed record GetShards(string Region) : IOverviewQuestion;

    /// <summary>Shards of a node.</summary>
    internal sealed record ShardsHere(IReadOnlyList<ShardGlance> Shards) : IOverviewReply;

    /// <summary>How is the node? Answer: <see cref="NodeHere"/>.</summary>
    internal sealed record GetNode : IOverviewQuestion;

    /// <summary>How a node is.</summary>
    internal sealed record NodeHere(NodeGlance Node) : IOverviewReply;

    /// <summary>A session as one node knows it: its owner, or a front that serves it.</summary>
    internal sealed record SessionSighting(
        string Handle, string Route, string Revision, string? Principal, DateTimeOffset CreatedAt, DateTimeOffset LastUse,
        SessionLogLevel? LogLevel, IReadOnlyList<ResourceSubscription> Subscriptions, bool Stored, bool Owned, int Streams);
}
