namespace McpActors.Cluster.Servers;

/// <summary>Bounds the probes under way on one node, whatever their monitor orders. Thread-safe.</summary>
/// <param name="most">At most so many.</param>
internal sealed class ProbeGate(int most = ProbeGate.Default)
{
    /// <summary>Probes under way on a node at most: 32.</summary>
    public const int Default = 32;

    private int _inside;

    /// <summary>Probes under way.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Takes a place; false when there is none.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inside) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref _inside);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _inside);
}
