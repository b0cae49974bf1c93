using System.Diagnostics;
using System.Globalization;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>How a call ended, as its client sees it.</summary>
internal enum Outcome
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>With a result.</summary>
    Answered,

    /// <summary>It was told that nothing was sent to the server.</summary>
    Refused,

    /// <summary>It was told that nobody knows whether it ran.</summary>
    Unknown,

    /// <summary>Its connection broke.</summary>
    Broken,

    /// <summary>With something that no fault excuses, as a lost session.</summary>
    Wrong,
}

/// <summary>One call of the load.</summary>
/// <param name="Kind">Its class: http, session or stdio.</param>
/// <param name="Server">The server it is for.</param>
/// <param name="Token">By which the ledger knows it.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended.</param>
/// <param name="Outcome">How.</param>
/// <param name="Node">Which node answered.</param>
/// <param name="Detail">What was said.</param>
internal sealed record Call(string Kind, string Server, string Token, TimeSpan Start, TimeSpan End, Outcome Outcome, int? Node, string Detail)
{
    /// <summary>How long it took.</summary>
    public TimeSpan Took => End - Start;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Start.TotalSeconds:0.00}–{End.TotalSeconds:0.00} s {Kind} {Server} {Token} by node {Node}: {Outcome} {Detail}");
}

/// <summary>Something that was done to the cluster.</summary>
/// <param name="At">When.</param>
/// <param name="What">What.</param>
internal sealed record Disturbance(TimeSpan At, string What);

/// <summary>An event that somebody was told is stored: an operator's order, or a row of a server's history that was shown.</summary>
/// <param name="Server">Whose.</param>
/// <param name="Text">What tells it from others.</param>
internal sealed record StoredEvent(string Server, string Text);

/// <summary>Everything that happened, in one clock. Thread-safe.</summary>
internal sealed class History
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private readonly List<Call> _calls = [];
    private readonly List<Disturbance> _disturbances = [];
    private readonly HashSet<StoredEvent> _acknowledged = [];

    /// <summary>Since the beginning.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_begun);

    /// <summary>The calls that ended.</summary>
    public IReadOnlyList<Call> Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls];
        }
    }

    /// <summary>What was done.</summary>
    public IReadOnlyList<Disturbance> Disturbances
    {
        get
        {
            lock (_lock)
                return [.. _disturbances];
        }
    }

    /// <summary>What must be in the journal for ever.</summary>
    public IReadOnlyCollection<StoredEvent> Acknowledged
    {
        get
        {
            lock (_lock)
                return [.. _acknowledged];
        }
    }

    /// <summary>On this clock.</summary>
    public TimeSpan On(long timestamp) => Stopwatch.GetElapsedTime(_begun, timestamp);

    public void Add(Call call)
    {
        lock (_lock)
            _calls.Add(call);
    }

    public void Disturbed(string what)
    {
        lock (_lock)
            _disturbances.Add(new Disturbance(Now, what));
    }

    public void Acknowledge(StoredEvent stored)
    {
        lock (_lock)
            _acknowledged.Add(stored);
    }
}
