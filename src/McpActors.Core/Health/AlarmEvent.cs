using System.Text.Json;

namespace McpActors.Core.Health;

/// <summary>What alerts can be about. Bounded: it labels metrics, and its names are part of the configuration and of webhooks.</summary>
public enum AlarmEvent
{
    /// <summary>A server's circuit opened, by itself or by an operator. Lasts until it closes.</summary>
    CircuitOpened,

    /// <summary>A server's circuit closed again. Momentary.</summary>
    CircuitClosed,

    /// <summary>A server does not answer. Lasts until it does.</summary>
    ServerUnhealthy,

    /// <summary>A server answers, but not well. Lasts until it does, or gets worse.</summary>
    ServerDegraded,

    /// <summary>A server is healthy again after having been degraded or unhealthy. Momentary.</summary>
    ServerRecovered,

    /// <summary>The configuration of a node differs from the one that the cluster agreed on. Lasts until it does not.</summary>
    ConfigDrift,

    /// <summary>A node cannot write the journal. Lasts until it can.</summary>
    JournalDegraded,

    /// <summary>A member of the cluster is not heard of. Lasts until it is, or is given up.</summary>
    MemberUnreachable,

    /// <summary>An entity found that another node writes its history, and stopped. Momentary.</summary>
    SecondWriter,
}

/// <summary>What is known of the events of alerts.</summary>
public static class AlarmEvents
{
    private static readonly Dictionary<AlarmEvent, string> ByEvent =
        Enum.GetValues<AlarmEvent>().ToDictionary(what => what, what => JsonNamingPolicy.CamelCase.ConvertName(what.ToString()));

    /// <summary>Every event with its name in the configuration.</summary>
    public static IReadOnlyList<(string Word, AlarmEvent Event)> All { get; } = [.. ByEvent.Select(pair => (pair.Value, pair.Key))];

    /// <summary>Its name in the configuration and in webhooks: <c>circuitOpened</c>.</summary>
    public static string Word(this AlarmEvent what) => ByEvent[what];

    /// <summary>Whether it happens and is over: it is told once and at once, and never resolves.</summary>
    public static bool IsMomentary(this AlarmEvent what) => what is AlarmEvent.CircuitClosed or AlarmEvent.ServerRecovered or AlarmEvent.SecondWriter;

    /// <summary>Whether it lasts and its subject is a server.</summary>
    public static bool IsOfServer(this AlarmEvent what) => what is AlarmEvent.CircuitOpened or AlarmEvent.ServerUnhealthy or AlarmEvent.ServerDegraded;
}

/// <summary>Something that is the matter. There is one per event and subject.</summary>
/// <param name="Event">What.</param>
/// <param name="Subject">Of whom: the id of a server, or the address of a node.</param>
/// <param name="Text">In words, without secrets.</param>
/// <param name="Since">Since when.</param>
/// <param name="Source">The node that says so, and whose end ends it; null for what the monitor itself finds.</param>
public sealed record Alarm(AlarmEvent Event, string Subject, string Text, DateTimeOffset Since, string? Source = null);

/// <summary>Names an alarm.</summary>
public readonly record struct AlarmKey(AlarmEvent Event, string Subject)
{
    /// <summary>The name of an alarm.</summary>
    public static AlarmKey Of(Alarm alarm) => new(alarm.Event, alarm.Subject);
}
