using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Core.Discovery;

/// <summary>How a node stands to the revision that the cluster agreed on.</summary>
public enum RevisionStanding
{
    /// <summary>The coordinator has not answered yet; the node runs its own file.</summary>
    Waiting,

    /// <summary>It runs the revision, and its own file is the same.</summary>
    InStep,

    /// <summary>It runs the revision, but its own file is another one.</summary>
    FileDiffers,

    /// <summary>It runs an older one; the new one is on its way.</summary>
    Behind,

    /// <summary>It cannot take the revision, and runs the last one that it could.</summary>
    Unreadable,
}

/// <summary>Which configuration a node runs. Also what it answers to <see cref="GetNodeRevision"/>, so it is bounded.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Revision">The revision that the cluster agreed on, as the node heard; -1 before it did.</param>
/// <param name="AgreedHash">Hash of that revision's file; empty when there is none.</param>
/// <param name="Hash">Hash of the file that the node runs.</param>
/// <param name="FileHash">Hash of its own file.</param>
/// <param name="Standing">How it stands.</param>
public sealed record NodeRevision(string Node, long Revision, string AgreedHash, string Hash, string FileHash, RevisionStanding Standing) : IDiscoveryReply
{
    private const int MostLines = 20;
    private const int LongestLine = 400;

    /// <summary>Its own files.</summary>
    public IReadOnlyList<string> Files { get; init => field = Bounded(value); } = [];

    /// <summary>Why it cannot take the revision.</summary>
    public IReadOnlyList<string> Faults { get; init => field = Bounded(value); } = [];

    /// <summary>Settings that take effect at its next start.</summary>
    public IReadOnlyList<string> NeedsRestart { get; init => field = Bounded(value); } = [];

    /// <summary>In words for operators, with the way out; null when all is well.</summary>
    public string? Reason => Standing switch
    {
        RevisionStanding.Waiting => "the coordinator of the catalogue has not answered yet; it runs its own file",
        RevisionStanding.FileDiffers => $"its file differs from revision {Revision}, which it runs; 'mcpactors config diff' there shows how, 'config reload' makes the file count",
        RevisionStanding.Behind => $"revision {Revision} is on its way",
        RevisionStanding.Unreadable => $"revision {Revision} cannot be taken here, and the last good one stays in force: {string.Join("; ", Faults)}",
        _ => null,
    };

    /// <summary>How a node stands.</summary>
    /// <param name="agreedHash">What the cluster agreed on; null: not known; empty: there is no file yet.</param>
    /// <param name="hash">What the node runs.</param>
    /// <param name="fileHash">Its own file.</param>
    /// <param name="unreadableHash">The revision that it cannot take; null: none.</param>
    public static RevisionStanding Judge(string? agreedHash, string hash, string fileHash, string? unreadableHash) => agreedHash switch
    {
        null => RevisionStanding.Waiting,
        "" => RevisionStanding.InStep,
        _ when unreadableHash == agreedHash => RevisionStanding.Unreadable,
        _ when hash != agreedHash => RevisionStanding.Behind,
        _ => fileHash == agreedHash ? RevisionStanding.InStep : RevisionStanding.FileDiffers,
    };

    private static IReadOnlyList<string> Bounded(IReadOnlyList<string> lines) =>
        [.. lines.Take(MostLines).Select(static line => line.Length > LongestLine ? line[..LongestLine] + "…" : line)];
}
