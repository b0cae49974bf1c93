namespace McpActors.Gateway.Hosting;

/// <summary>When this node was started.</summary>
internal sealed class NodeClock(TimeProvider time)
{
    /// <summary>The start.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();
}
