using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Endpoints;

/// <summary>Whether a replica gets calls.</summary>
public enum ReplicaPhase
{
    /// <summary>It does.</summary>
    InUse,

    /// <summary>It does not, until a time.</summary>
    Ejected,

    /// <summary>It was ejected and gets one call at a time: a success readmits it, a failure ejects it for longer.</summary>
    OnTrial,
}

/// <summary>A replica left out, tried or taken back.</summary>
/// <param name="Endpoint">Its place in the configuration.</param>
/// <param name="Phase">What it is now.</param>
/// <param name="Until">When an ejected one is tried.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record ReplicaChange(int Endpoint, ReplicaPhase Phase, DateTimeOffset? Until, string Reason);

/// <summary>What can be shown of a replica.</summary>
/// <param name="Endpoint">Its place in the configuration.</param>
/// <param name="Weight">Its share of the calls against the others'.</param>
/// <param name="Phase">Whether it gets calls.</param>
/// <param name="Until">When an ejected one is tried.</param>
/// <param name="Outstanding">Calls on their way.</param>
/// <param name="ConsecutiveFailures">Failures in a row.</param>
public sealed record ReplicaSnapshot(int Endpoint, int Weight, ReplicaPhase Phase, DateTimeOffset? Until, int Outstanding, int ConsecutiveFailures);

/// <summary>What is known of replicas beside their calls, as sets of bits: bit 0 for the first. They are kept away from where there are others.</summary>
/// <param name="Down">Nobody is there, so far as is known.</param>
/// <param name="Cold">Not connected yet: a call would wait.</param>
/// <param name="Avoid">The call failed there before.</param>
public readonly record struct ReplicaHints(ulong Down, ulong Cold, ulong Avoid)
{
    /// <summary>The set of one.</summary>
    public static ulong Only(int endpoint) => 1UL << endpoint;

    /// <summary>How little a replica is wanted; 0 for one without any fault.</summary>
    internal int Penalty(int endpoint) =>
        (int)((((Down >> endpoint) & 1) << 2) | (((Cold >> endpoint) & 1) << 1) | ((Avoid >> endpoint) & 1));
}

/// <summary>One replica: its calls, its counts and its ejections.</summary>
internal sealed class Replica(int index, int weight, TimeSpan window)
{
    /// <summary>What a turn of a replica with weight 1 takes.</summary>
    internal const long Turn = 1 << 24;

    private const int Good = 0;
    private const int Bad = 1;

    private readonly RollingWindow _counts = new(window, columns: 2);

    internal int Index { get; } = index;

    internal int Weight { get; set; } = weight;

    internal ReplicaPhase Phase { get; set; }

    internal DateTimeOffset Until { get; set; }

    /// <summary>How often it was ejected, less what it has made good since.</summary>
    internal int Ejections { get; set; }

    internal DateTimeOffset GoodSince { get; set; }

    internal int Outstanding { get; set; }

    /// <summary>When it is its turn again, on the balancer's own count of turns.</summary>
    internal long NextTurn { get; set; }

    /// <summary>What one turn takes: the more weight, the less.</summary>
    internal long Stride => Turn / Weight;

    internal int ConsecutiveFailures { get; private set; }

    internal int Failures => _counts.Total(Bad);

    internal int Calls => _counts.Total(Good) + _counts.Total(Bad);

    internal void Count(bool success, DateTimeOffset now)
    {
        _counts.Add(success ? Good : Bad, now.UtcTicks);
        ConsecutiveFailures = success ? 0 : ConsecutiveFailures + 1;
    }

    internal void Expire(DateTimeOffset now) => _counts.Expire(now.UtcTicks);

    internal void Forget()
    {
        _counts.Clear();
        ConsecutiveFailures = 0;
    }
}
