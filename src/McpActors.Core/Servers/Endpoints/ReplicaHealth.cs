using McpActors.Core.Health;

namespace McpActors.Core.Servers.Endpoints;

/// <summary>
/// What probes say about each replica of a server while it has no calls: whose turn the next probe is, and which replicas calls are kept away from when they
/// come. Calls tell more than probes: with the first one that ends at a replica, what probes said of it is forgotten. In place; time is an input.
/// </summary>
/// <param name="count">How many replicas there are.</param>
public sealed class ReplicaHealth(int count)
{
    /// <summary>
    /// How long a verdict counts after the last probe: 5 min. While others have the calls, probes are rare or none, and one that is kept away from would never be found well again.
    /// </summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromMinutes(5);

    private readonly Entry[] _entries = [.. Enumerable.Range(0, count).Select(_ => new Entry())];

    /// <summary>The one of these that was not heard of for longest, be it by a call or a probe.</summary>
    /// <param name="choice">Replicas that can be asked, at least one.</param>
    public int Next(IEnumerable<int> choice) => choice.MinBy(endpoint => _entries[endpoint].HeardAt);

    /// <summary>A call ended there, well or not.</summary>
    public void Called(int endpoint, DateTimeOffset now)
    {
        _entries[endpoint].HeardAt = now;
        _entries[endpoint].Pulse = Pulse.Unknown;
    }

    /// <summary>A probe ended there.</summary>
    public void Probed(int endpoint, in HealthSign sign, DateTimeOffset now)
    {
        var entry = _entries[endpoint];
        entry.HeardAt = now;
        entry.ProbedAt = now;
        entry.Pulse = VerdictMachine.Take(entry.Pulse, sign, now);
    }

    /// <summary>Those that do not answer probes, as a set of bits.</summary>
    public ulong Unhealthy(DateTimeOffset now)
    {
        var set = 0UL;
        for (var i = 0; i < _entries.Length; i++)
        {
            set |= VerdictOn(i, now) == HealthVerdict.Unhealthy ? ReplicaHints.Only(i) : 0;
        }

        return set;
    }

    /// <summary>The verdict of the probes, as far as it still counts.</summary>
    public HealthVerdict VerdictOn(int endpoint, DateTimeOffset now) =>
        _entries[endpoint] is { ProbedAt: { } at } entry && now - at < Lasting ? entry.Pulse.Verdict : HealthVerdict.Unknown;

    /// <summary>When it was probed last; null: never.</summary>
    public DateTimeOffset? ProbedAt(int endpoint) => _entries[endpoint].ProbedAt;

    private sealed class Entry
    {
        public DateTimeOffset HeardAt { get; set; }

        public DateTimeOffset? ProbedAt { get; set; }

        public Pulse Pulse { get; set; } = Pulse.Unknown;
    }
}
