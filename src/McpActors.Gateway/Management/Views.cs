using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Cluster.Overview;
using McpActors.Core.Configuration;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;

namespace McpActors.Gateway.Management;

/// <summary>One server in a list.</summary>
internal sealed record ServerRow(
    string Id, string Title, string State, string? Reason, string Transport, string? Era, int InFlight, int? Tools, CircuitRow Circuit, HealthRow Health, string? Node)
{
    /// <summary>Where its definition comes from, as <c>/api/v1/sources</c> names it.</summary>
    public string? Source { get; init; }
}

/// <summary>
/// The verdict on a server: <c>healthy</c>, <c>degraded</c>, <c>unhealthy</c>, or <c>unknown</c> while nothing of it runs; and the last probe, if one was made since
/// its actor started.
/// </summary>
internal sealed record HealthRow(string Verdict, DateTimeOffset? Since, string? Reason, ProbeView? LastProbe);

/// <summary>A probe: <c>answered</c> or <c>failed</c>.</summary>
internal sealed record ProbeView(DateTimeOffset At, string Result, double LatencyMs, string? Text);

/// <summary>A circuit in a list.</summary>
internal sealed record CircuitRow(string State, string Mode, DateTimeOffset? Since, DateTimeOffset? Until, string? Reason);

/// <summary>A page of servers; <see cref="Next"/> goes into <c>?after=</c>.</summary>
internal sealed record ServerPage(IReadOnlyList<ServerRow> Servers, int Total, string? Next);

/// <summary>A circuit with its window.</summary>
internal sealed record CircuitView(
    string State, string Mode, DateTimeOffset? Since, DateTimeOffset? Until, string? Reason, WindowView Window, int ConsecutiveFailures, int ProbesInFlight);

/// <summary>What the sliding window counted.</summary>
internal sealed record WindowView(int Calls, int Failures, int Slow);

/// <summary>The permits, queue and retry budget of a server.</summary>
internal sealed record BudgetView(int Permits, int QueueLimit, int RetriesLeft, long Calls, long Retries, long Rejections);

/// <summary>A failed attempt, connection or list.</summary>
internal sealed record ErrorView(DateTimeOffset At, string What, string Result, string? Text);

/// <summary>One upstream session or process.</summary>
internal sealed record ConnectionView(string Slot, string State, int? ProcessId, DateTimeOffset Since, int InFlight, string? LastError, int? Replica);

/// <summary>One replica of a server: <c>inUse</c>, <c>ejected</c> or <c>onTrial</c>.</summary>
internal sealed record ReplicaView(
    int Replica, string Url, int Weight, string State, DateTimeOffset? EjectedUntil, bool Reachable, int Outstanding, int ConsecutiveFailures,
    DateTimeOffset? LastErrorAt, string? LastError, string Health, DateTimeOffset? ProbedAt);

/// <summary>One learnt list.</summary>
internal sealed record ListView(string Kind, int Count, DateTimeOffset FetchedAt, bool Fresh, string Hash);

/// <summary>Everything about one server.</summary>
internal sealed record ServerView(
    string Id, string Title, string State, string? Reason, string? Owner, string Transport, string? Era, bool Recovered, int InFlight, int Queue, int Waiting,
    CircuitView Circuit, CacheStatus Cache, BudgetView Budgets, LeasesStatus? Leases, HealingStatus Healed, int? Tools, HealthRow Health,
    IReadOnlyList<ListView> Lists, IReadOnlyList<ReplicaView> Replicas, IReadOnlyList<ConnectionView> Connections, IReadOnlyList<ErrorView> LastErrors)
{
    /// <summary>Where its definition comes from, as <c>/api/v1/sources</c> names it.</summary>
    public string? Source { get; init; }

    /// <summary>What was negotiated with it; null before the first connection. Journalled, so that it may be known from an earlier life.</summary>
    public PeerView? Peer { get; init; }
}

/// <summary>What a server said of itself when it was met: the revision, its capabilities, its name and version, its instructions.</summary>
internal sealed record PeerView(string Revision, JsonNode? Capabilities, JsonNode? ServerInfo, string? Instructions);

/// <summary>Turns what the actor says into what the management listener answers.</summary>
internal static class Views
{
    /// <summary>The whole of one server.</summary>
    public static ServerView Of(ServerStatus status, ServerModel model, ServerHealth health) => new(
        status.Server.Value, model.Title, Word(status.Condition), status.Reason, status.OwnerNode, status.Transport, status.Era?.ToString(), status.Recovered,
        status.Load.InFlight, status.Load.Queued, status.Load.Waiting,
        new CircuitView(
            Word(status.Circuit.State), Word(status.Circuit.Mode), status.Circuit.Since, status.Circuit.Until, status.Circuit.Reason,
            new WindowView(status.Circuit.Window.Calls, status.Circuit.Window.Failures, status.Circuit.Window.Slow), status.Circuit.ConsecutiveFailures, status.Circuit.ProbesInFlight),
        status.Cache,
        new BudgetView(status.Load.Max, status.Load.QueueLimit, status.Load.RetriesLeft, status.Load.Calls, status.Load.Retries, status.Load.Rejections),
        status.Leases, status.Healing, ToolCount(status), Health(health, status.LastProbe),
        [.. status.Lists.Select(list => new ListView(Word(list.Kind), list.Count, list.FetchedAt, list.Fresh, list.Hash))],
        [.. status.Replicas.Select(replica => new ReplicaView(
            replica.Index, replica.Address, replica.Weight, Word(replica.Phase), replica.Until, replica.Reachable, replica.Outstanding, replica.ConsecutiveFailures,
            replica.LastErrorAt, replica.LastError, Word(replica.Health), replica.ProbedAt))],
        [.. status.Slots.Select(slot => new ConnectionView(Shown(slot.Slot), slot.State, slot.ProcessId, slot.Since, slot.InFlight, slot.LastError, slot.Replica))],
        [.. status.LastErrors.Select(error => new ErrorView(error.At, error.What, Word(error.Result), error.Text))])
    {
        Peer = status.Peer is { } peer ? new PeerView(peer.Revision.Text, Json(peer.Capabilities), Json(peer.ServerInfo), peer.Instructions) : null,
    };

    /// <summary>One line of one server.</summary>
    public static ServerRow Row(ServerStatus status, ServerModel model, ServerHealth health) => new(
        status.Server.Value, model.Title, Word(status.Condition), status.Reason, status.Transport, status.Era?.ToString(), status.Load.InFlight, ToolCount(status),
        new CircuitRow(Word(status.Circuit.State), Word(status.Circuit.Mode), status.Circuit.Since, status.Circuit.Until, status.Circuit.Reason), Health(health, status.LastProbe),
        status.OwnerNode);

    /// <summary>One line of one server, also of one that nobody can tell of: a list must not fail because of one.</summary>
    public static ServerRow Row(ServerGlance glance, ServerHealth health) => glance is { Status: { } status, Model: var model }
        ? Row(status, model, health) with { Reason = status.Reason ?? glance.Why }
        : new(glance.Model.Id.Value, glance.Model.Title, "unknown", glance.Why, Word(glance.Model.Transport), null, 0, null, new CircuitRow("unknown", "auto", null, null, null),
            Health(health, null), null);

    /// <summary>An enumeration value as the API writes it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>A name of the code as the API writes it.</summary>
    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>Whose a connection is. A session is named by its handle: its id admits to it.</summary>
    private static string Shown(SlotKey slot) => slot.IsSession ? "s:" + SessionHandle.Of(slot.Value[2..]) : slot.Value;

    private static HealthRow Health(ServerHealth health, ProbeReport? probe) => new(
        Word(health.Verdict),
        health.Verdict == HealthVerdict.Unknown ? null : health.Since,
        health.Reason.Length == 0 ? null : health.Reason,
        probe is null ? null : new ProbeView(probe.At, Word(probe.Result), Math.Round(probe.Latency.TotalMilliseconds, 1), probe.Text is { Length: > 0 } text ? text : null));

    private static JsonNode? Json(ReadOnlyMemory<byte> text) => text.IsEmpty ? null : JsonNode.Parse(text.Span);

    private static int? ToolCount(ServerStatus status) =>
        status.Lists.FirstOrDefault(list => list.Kind == Core.Servers.Catalogue.ListKind.Tools)?.Count;
}
