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

/// <summary>One replica: its calls, its counts and its ejections.</summary>
internal sealed class Replica(int index, int weight, TimeSpan window)
{
    private const int Good = 0;
    private const int Bad = 1;

    private readonly RollingWindow _counts = new(window, columns: 2);

    internal int Index { get; } = index;

    internal int Weight { get; } = weight;

    internal ReplicaPhase Phase { get; set; }

    internal DateTimeOffset Until { get; set; }

    /// <summary>How often it was ejected, less what it has made good since.</summary>
    internal int Ejections { get; set; }

    internal DateTimeOffset GoodSince { get; set; }

    internal int Outstanding { get; set; }

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
