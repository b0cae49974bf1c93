namespace McpActors.Benchmarks;

/// <summary>What the objects of this process take.</summary>
internal static class ManagedHeap
{
    /// <summary>Bytes after full collections, finalizers included.</summary>
    public static long Bytes()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
