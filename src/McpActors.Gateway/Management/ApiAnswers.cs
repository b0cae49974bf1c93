using System.Text.Json.Nodes;

namespace McpActors.Gateway.Management;

/// <summary>
/// Why a request was refused (RFC 9457): <c>code</c> is the rule, stable and machine-readable; <c>detail</c> says what was wrong and what to do;
/// <c>faults</c> every single fault, where there can be several.
/// </summary>
internal sealed record ProblemView(string Type, string Title, int Status, string Code, string Detail, string Origin, IReadOnlyList<string>? Faults = null);

/// <summary>A probe.</summary>
internal sealed record AliveView(string Status);

/// <summary>Readiness with its parts: <c>ok</c>, <c>degraded</c> or <c>failed</c>.</summary>
internal sealed record ReadyView(string Status, IReadOnlyList<NodeCheck> Checks);

/// <summary>
/// The cluster at a glance. The node that answers, with its parts; all nodes with theirs; and the first 500 servers with their state.
/// </summary>
internal sealed record StatusView(
    string Node, string Version, DateTimeOffset StartedAt, IReadOnlyList<NodeCheck> Checks, IReadOnlyList<NodeRow> Nodes, int ServerCount,
    IReadOnlyList<ServerRow> Servers);

/// <summary>
/// One node of the cluster. <c>state</c> is <c>ok</c>, <c>degraded</c>, <c>failed</c>, <c>silent</c> (a member that does not answer) or <c>unreachable</c>; what
/// only the node itself knows is left out while it does not answer. <c>servers</c> and <c>sessions</c> are actors that run there, <c>servedSessions</c> those
/// whose clients came by it, <c>calls</c> those in hand. <c>drift</c>: its file is another one than the cluster agreed on.
/// </summary>
internal sealed record NodeRow(
    string Node, string Status, bool Reachable, IReadOnlyList<string> Roles, bool Leader, bool Oldest, string State, IReadOnlyList<NodeCheck>? Checks,
    string? Version, DateTimeOffset? StartedAt, int? Servers, int? Sessions, int? ServedSessions, int? Calls, long? Revision, string? Hash, bool? Drift);

/// <summary>
/// One client session. <c>id</c> is a handle, not the session's id. <c>owner</c> is the node with its actor (none: it rests, and the next request brings it back),
/// <c>streams</c> the nodes on which the client listens.
/// </summary>
internal sealed record SessionRow(
    string Id, string Endpoint, string? Principal, string Revision, DateTimeOffset CreatedAt, DateTimeOffset LastUse, string? LogLevel,
    IReadOnlyList<SubscriptionView> Subscriptions, bool Stored, string? Owner, IReadOnlyList<string> Streams);

/// <summary>A resource that a session subscribed to.</summary>
internal sealed record SubscriptionView(string Server, string Uri);

/// <summary>
/// The data of an event of the live feed. Events are named after <c>kind</c>: <c>circuit</c>, <c>health</c>, <c>member</c>, <c>catalogue</c>; <c>what</c> says what
/// happened, for programs.
/// </summary>
internal sealed record TransitionView(string Kind, string Subject, string What, string Text, DateTimeOffset At, string Node);

/// <summary>The data of the event <c>gap</c>: transitions were missed, so the state is to be read anew.</summary>
internal sealed record GapView(string Reason);

/// <summary>A page of sessions; <see cref="Next"/> goes into <c>?after=</c>. <see cref="Silent"/> names nodes (or the journal) that did not answer.</summary>
internal sealed record SessionPage(IReadOnlyList<SessionRow> Sessions, IReadOnlyList<string> Silent, string? Next);

/// <summary>What an operator's order came to.</summary>
internal sealed record OrderView(string Id, string Result);

/// <summary>What a change of the catalogue came to, with the cluster's new revision.</summary>
internal sealed record ChangeView(string Id, string Result, long Revision);

/// <summary>One journalled event of a server.</summary>
internal sealed record EventView(long Sequence, DateTimeOffset At, string Event, string Text, object? Details);

/// <summary>A page of events; <see cref="Next"/> goes into <c>?after=</c>.</summary>
internal sealed record EventPage(string Id, IReadOnlyList<EventView> Events, long? Next);

/// <summary>One tool of one server.</summary>
internal sealed record ToolRow(string Server, string Name, string Effect, bool Hidden, string? Description);

/// <summary>A server whose tools are not listed, or as they were last known, and why.</summary>
internal sealed record MissingServer(string Server, string? Reason);

/// <summary>
/// A page of tools; <see cref="Next"/> goes into <c>?after=</c>. <see cref="Unavailable"/> are servers that cannot be used: their tools are as they were last known, if
/// they ever were. Of those in <see cref="NotAsked"/> nothing is known yet, because to ask them starts a process; <c>?refresh=true</c>, or <c>?server=</c> with one of them, does.
/// </summary>
internal sealed record ToolPage(IReadOnlyList<ToolRow> Tools, IReadOnlyList<MissingServer> Unavailable, IReadOnlyList<MissingServer> NotAsked, string? Next);

/// <summary>An entry made at run time, without its definition.</summary>
internal sealed record OverlayView(string Id, bool Removed, string Who, DateTimeOffset At);

/// <summary>
/// The effective configuration of this node: the cluster's revision (null until it is known), the hash of what the node runs, of what the cluster agreed on and
/// of the node's own file, how they stand to each other in a word and, unless all is well, a sentence; then every node, and what is in effect here.
/// </summary>
internal sealed record ConfigView(
    long? Revision, string Hash, string? AgreedHash, string FileHash, string State, string? Reason, bool Drift, IReadOnlyList<string> Files, IReadOnlyList<string> Warnings,
    IReadOnlyList<ConfigNodeView> Nodes, IReadOnlyList<OverlayView> Overlay, JsonNode? Configuration);

/// <summary>What one node runs: state is <c>inStep</c>, <c>fileDiffers</c>, <c>behind</c>, <c>unreadable</c>, <c>waiting</c>, or <c>noAnswer</c> without the rest.</summary>
internal sealed record ConfigNodeView(
    string Node, string? Name, long? Revision, string? Hash, string? FileHash, string State, string? Reason, IReadOnlyList<string> Files, IReadOnlyList<string> Faults,
    IReadOnlyList<string> NeedsRestart);

/// <summary>What a reload would change: the file as it is now against what the cluster runs.</summary>
internal sealed record DiffView(
    long? Revision, string? AgreedHash, string FileHash, bool Drift, string? Reason, IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Removed,
    IReadOnlyList<string> NeedsRestart, IReadOnlyList<string> Warnings);

/// <summary>What a reload changed: the cluster's revision, whether this file made it, and how every node took it.</summary>
internal sealed record ReloadView(
    long? Revision, string Hash, bool IsNew, IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Removed, IReadOnlyList<string> NeedsRestart,
    IReadOnlyList<string> Warnings, IReadOnlyList<ConfigNodeView> Nodes);

/// <summary>One member of the cluster. <c>name</c> is its <c>node.name</c>, by which it can be asked for and drained.</summary>
internal sealed record MemberView(string Node, string NodeUid, string Status, IReadOnlyList<string> Roles, string? Name);

/// <summary>A member that others do not hear of.</summary>
internal sealed record UnreachableView(string Node, IReadOnlyList<string> ObservedBy);

/// <summary>The members of the cluster, as Akka Management shows them.</summary>
internal sealed record MembersView(
    string SelfNode, IReadOnlyList<MemberView> Members, IReadOnlyList<UnreachableView> Unreachable, string? Leader, string? Oldest,
    IReadOnlyDictionary<string, string?> OldestPerRole);

/// <summary>What was done, in words.</summary>
internal sealed record MessageView(string Message);

/// <summary>One shard of a region, with the entities that run in it; those of sessions by their handles.</summary>
internal sealed record ShardView(string ShardId, int NumEntities, string Node, IReadOnlyList<string> Entities);

/// <summary>The shards of a region over all nodes; <see cref="Silent"/> names nodes that did not answer.</summary>
internal sealed record ShardsView(string Type, IReadOnlyList<ShardView> Regions, IReadOnlyList<string> Silent);

/// <summary>A singleton of the cluster; no node while it moves.</summary>
internal sealed record SingletonView(string Name, string Role, string? Node);

/// <summary>The singletons of the cluster.</summary>
internal sealed record SingletonsView(IReadOnlyList<SingletonView> Singletons);

/// <summary>Forces a circuit, or frees it.</summary>
/// <param name="Mode"><c>auto</c>, <c>forcedOpen</c> or <c>forcedClosed</c>.</param>
/// <param name="Reason">For the history.</param>
/// <param name="Ttl">A duration such as <c>30m</c>, after which it is auto again; default 1 h.</param>
internal sealed record CircuitOrder(Core.Servers.OperatorCircuitMode? Mode, string? Reason, string? Ttl);
