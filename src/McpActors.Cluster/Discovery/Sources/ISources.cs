using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Routing;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>The sources that servers come from beside the configuration, as this node knows them, and what people decide about them.</summary>
public interface ISources
{
    /// <summary>What they say, and what was decided.</summary>
    SourcesState State { get; }

    /// <summary>What became of everything that any source says of any server, by id and rank.</summary>
    IReadOnlyList<CatalogueClaim> Claims { get; }

    /// <summary>Where a source stands in the order; of two that say the same id, the lower wins.</summary>
    (ServerSource Kind, int Listed) RankOf(SourceName source);

    /// <summary>How the sources do that some node asks; null when the coordinator does not answer.</summary>
    Task<IReadOnlyList<SourceStatus>?> GetStatusAsync(CancellationToken ct);

    /// <summary>Approves or rejects a definition. Done once it is stored, and in force here.</summary>
    Task<JudgeResult> JudgeAsync(SourcesProtocol.Judge order, CancellationToken ct);
}

/// <summary>What became of an approval or a rejection.</summary>
public abstract record JudgeResult
{
    private JudgeResult()
    {
    }

    /// <summary>Stored, and in force here.</summary>
    public sealed record Done : JudgeResult;

    /// <summary>There is nothing about this server to decide.</summary>
    public sealed record Missing : JudgeResult;

    /// <summary>Not done, and why.</summary>
    public sealed record Refused(string Reason) : JudgeResult;
}
