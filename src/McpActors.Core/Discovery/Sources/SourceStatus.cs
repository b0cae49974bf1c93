namespace McpActors.Core.Discovery.Sources;

/// <summary>How a source does.</summary>
/// <param name="Source">The source.</param>
/// <param name="Node">The node that asks it, host:port.</param>
public sealed record SourceStatus(SourceName Source, string Node)
{
    /// <summary>Servers that it said last.</summary>
    public int Servers { get; init; }

    /// <summary>When it answered last; null: not since the node that asks it took over.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Why it failed last; empty when its last answer was good.</summary>
    public string LastError { get; init; } = "";

    /// <summary>When it failed last; null when it has not.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>When it is asked next; null where it tells by itself.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>How often it failed in a row.</summary>
    public int Failures { get; init; }

    /// <summary>After a good answer.</summary>
    public SourceStatus Succeeded(DateTimeOffset now, int servers, DateTimeOffset? due) =>
        this with { Servers = servers, LastSuccess = now, LastError = "", NextDue = due, Failures = 0 };

    /// <summary>After a failure; what it said before stays.</summary>
    public SourceStatus Failed(DateTimeOffset now, string error, DateTimeOffset? due) =>
        this with { LastError = error.Length > 400 ? error[..400] : error, LastErrorAt = now, NextDue = due, Failures = Failures + 1 };
}
