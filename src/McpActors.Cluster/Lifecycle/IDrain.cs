namespace McpActors.Cluster.Lifecycle;

/// <summary>Says whether the node still takes calls, and knows how many it has in hand.</summary>
public interface IDrain
{
    /// <summary>True once the node says that it leaves: it is not ready any more, and a moment later new calls are refused.</summary>
    bool Draining { get; }

    /// <summary>True while the node is cut off from the majority of its cluster: it is not ready, and new calls are refused. It may end again.</summary>
    bool IsCutOff { get; }

    /// <summary>Calls in hand.</summary>
    int InFlight { get; }

    /// <summary>Cancelled when no new calls are taken: long-lived streams end themselves, so that nobody waits for them.</summary>
    CancellationToken Started { get; }

    /// <summary>Cancelled when the drain time is over: calls in hand are given up.</summary>
    CancellationToken Expired { get; }

    /// <summary>Counts a call until the answer is disposed. Null while draining or cut off: refuse it.</summary>
    IDisposable? TryEnter();

    /// <summary>Says that the node leaves, so that balancers look elsewhere; calls are still taken until <see cref="Begin"/>.</summary>
    void Announce();

    /// <summary>Begins draining: no new calls. The second time does nothing.</summary>
    void Begin();

    /// <summary>Waits until no call is in hand, at most this long. True when none is.</summary>
    Task<bool> WaitIdleAsync(TimeSpan limit);

    /// <summary>Runs when the shards are handed over: waits for calls of other nodes on what is still open here. Bounded by what is left of the drain time.</summary>
    void OnHandedOver(Func<CancellationToken, Task> wait);

    /// <summary>Runs when all calls are done, before the node leaves: connections and processes are closed here. Bounded by a few seconds in all.</summary>
    void OnDrained(Func<CancellationToken, Task> close);
}
