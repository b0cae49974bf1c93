using McpActors.Core.Servers.Lease;

namespace McpActors.Core.Tests.Servers.Lease.Simulation;

/// <summary>A fault put into the machines or their surroundings on purpose: the simulation must find each.</summary>
public enum Sabotage
{
    /// <summary>None.</summary>
    None,

    /// <summary>Holders take messages of any epoch.</summary>
    IgnoreEpochs,

    /// <summary>The owner gives a silent holder's permits away after the ttl.</summary>
    ForgetGrace,

    /// <summary>A new owner believes that all permits are its own.</summary>
    ForgetTakeover,

    /// <summary>The owner takes a reduction for confirmed when it has sent it.</summary>
    TrustReductions,

    /// <summary>The owner counts a batch whenever it comes.</summary>
    CountAgain,

    /// <summary>Holders go on without an owner for ever.</summary>
    NeverExpire,

    /// <summary>A former owner's permits are kept for ever.</summary>
    NeverReturn,

    /// <summary>The journal accepts two events with the same number.</summary>
    NoFence,

    /// <summary>Holders are not told of an opened circuit, but by the answer to their next report.</summary>
    NoPush,
}

/// <summary>What one seed decides: how many nodes, how they fail, how the network is, how clocks run.</summary>
internal sealed class SimSchedule
{
    internal SimSchedule(int seed)
    {
        Random = new Random(seed);
        Nodes = Random.Next(2, 5);
        Permits = Random.Next(3, 25);
        Loss = Random.Next(3) == 0 ? Random.NextDouble() * 0.3 : 0;
        Repeat = Random.Next(2) == 0 ? Random.NextDouble() * 0.1 : 0;
        Slow = Random.Next(2) == 0 ? Random.NextDouble() * 0.1 : 0;
        Overlap = Random.Next(4) == 0;
        Steady = Random.Next(3) == 0;
        CallsPerSecond = Random.Next(1, 9);
        Failures = Random.Next(2) == 0;
        Options = new LeaseOptions
        {
            Ttl = TimeSpan.FromSeconds(1),
            Grace = TimeSpan.FromSeconds(Random.Next(1, 8)),
            Margin = TimeSpan.FromMilliseconds(500),
            Renewal = TimeSpan.FromMilliseconds(Random.Next(250, 800)),
            Batch = TimeSpan.FromMilliseconds(Random.Next(100, 300)),
            IdleRelease = TimeSpan.FromSeconds(Random.Next(1, 20)),
            TakeoverSlack = Random.Next(3) * 0.2,
        };
        Faults = TimeSpan.FromSeconds(Random.Next(10, 30));
        Asks = seed % 4 == 3;
    }

    /// <summary>The only source of chance.</summary>
    internal Random Random { get; }

    internal int Nodes { get; }

    internal int Permits { get; }

    /// <summary>Share of messages that are lost.</summary>
    internal double Loss { get; }

    /// <summary>Share of messages that come twice.</summary>
    internal double Repeat { get; }

    /// <summary>Share of messages that take seconds.</summary>
    internal double Slow { get; }

    /// <summary>Whether a replaced owner may go on for a while beside the new one.</summary>
    internal bool Overlap { get; }

    /// <summary>Whether the owner is spared, so that the bound is the bulkhead alone.</summary>
    internal bool Steady { get; }

    internal int CallsPerSecond { get; }

    /// <summary>Whether the upstream has bad times.</summary>
    internal bool Failures { get; }

    internal LeaseOptions Options { get; }

    /// <summary>Whether a new owner asks the nodes what its predecessor gave, instead of waiting until it has run out.</summary>
    internal bool Asks { get; }

    /// <summary>How long faults happen; then all heals.</summary>
    internal TimeSpan Faults { get; }

    /// <summary>Clocks run at most this much too fast or too slow: what the margin covers, by half.</summary>
    internal double Drift => Options.Margin / (Options.Validity * 4);

    /// <summary>The longest call.</summary>
    internal static TimeSpan LongestCall { get; } = TimeSpan.FromSeconds(6);

    internal double Chance() => Random.NextDouble();

    internal long Between(double least, double most) => (long)((least + (Random.NextDouble() * (most - least))) * TimeSpan.TicksPerSecond);
}
