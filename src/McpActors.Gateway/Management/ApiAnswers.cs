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

/// <summary>The node at a glance.</summary>
internal sealed record StatusView(
    string Node, string Version, DateTimeOffset StartedAt, IReadOnlyList<NodeCheck> Checks, int ServerCount, IReadOnlyList<ServerRow> Servers);

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

/// <summary>A server whose tools are not, or not freshly, listed.</summary>
internal sealed record MissingServer(string Server, string? Reason);

/// <summary>A page of tools; <see cref="Next"/> goes into <c>?after=</c>.</summary>
internal sealed record ToolPage(IReadOnlyList<ToolRow> Tools, IReadOnlyList<MissingServer> Unavailable, string? Next);

/// <summary>An entry made at run time, without its definition.</summary>
internal sealed record OverlayView(string Id, bool Removed, string Who, DateTimeOffset At);

/// <summary>
/// The effective configuration: the cluster's revision (null until it is known), the hash of what this node's files say, the one that the cluster
/// agreed on last, and whether the two differ (drift).
/// </summary>
internal sealed record ConfigView(
    long? Revision, string Hash, string? AgreedHash, bool Drift, IReadOnlyList<string> Files, IReadOnlyList<string> Warnings,
    JsonNode? Configuration, IReadOnlyList<OverlayView> Overlay);

/// <summary>
/// What a reload changed, or would change; the sections that take effect at the next start; what the journal said when it did not take the revision.
/// </summary>
internal sealed record ReloadView(
    IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Removed, IReadOnlyList<string> NeedsRestart,
    IReadOnlyList<string> Warnings, string? Journal);

/// <summary>One member of the cluster.</summary>
internal sealed record MemberView(string Node, string NodeUid, string Status, IReadOnlyList<string> Roles);

/// <summary>A member that others do not hear of.</summary>
internal sealed record UnreachableView(string Node, IReadOnlyList<string> ObservedBy);

/// <summary>The members of the cluster, as Akka Management shows them.</summary>
internal sealed record MembersView(
    string SelfNode, IReadOnlyList<MemberView> Members, IReadOnlyList<UnreachableView> Unreachable, string? Leader, string? Oldest,
    IReadOnlyDictionary<string, string?> OldestPerRole);

/// <summary>What was done, in words.</summary>
internal sealed record MessageView(string Message);

/// <summary>One shard of a region.</summary>
internal sealed record ShardView(string ShardId, int NumEntities, string Node);

/// <summary>The shards of a region over all nodes.</summary>
internal sealed record ShardsView(string Type, IReadOnlyList<ShardView> Regions);

/// <summary>A singleton of the cluster; no node while it moves.</summary>
internal sealed record SingletonView(string Name, string Role, string? Node);

/// <summary>The singletons of the cluster.</summary>
internal sealed record SingletonsView(IReadOnlyList<SingletonView> Singletons);

/// <summary>Forces a circuit, or frees it.</summary>
/// <param name="Mode"><c>auto</c>, <c>forcedOpen</c> or <c>forcedClosed</c>.</param>
/// <param name="Reason">For the history.</param>
/// <param name="Ttl">A duration such as <c>30m</c>, after which it is auto again; default 1 h.</param>
internal sealed record CircuitOrder(Core.Servers.OperatorCircuitMode? Mode, string? Reason, string? Ttl);
