using McpActors.Core.Discovery;
using McpActors.Core.Routing;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Discovery;

/// <summary>The servers of the cluster as this node knows them, and the way to change them.</summary>
public interface ICatalogue
{
    /// <summary>The table in force. Swapped whole; keep the reference for as long as a request needs one picture.</summary>
    RouteTable Current { get; }

    /// <summary>Entries made at run time, by id.</summary>
    IReadOnlyList<OverlayEntry> Overlay { get; }

    /// <summary>Revision and hash that the cluster agreed on last. Null until the coordinator answered.</summary>
    CatalogueAgreement? Agreement { get; }

    /// <summary>Raised after a swap, on a thread of the pool. The same is published as <see cref="CatalogueChanged"/> on the event stream of the node.</summary>
    event Action<CatalogueChanged>? Changed;

    /// <summary>The file in force: this node's own, or the cluster's revision as this node reads it.</summary>
    CatalogueFile File { get; }

    /// <summary>This node's own file, as it was read last without faults.</summary>
    CatalogueFile Own { get; }

    /// <summary>
    /// Offers a version of the node's file, free of faults, to the cluster: when it is new, it becomes the next revision of all nodes (<see cref="FileRule"/>). Done
    /// once that is in force here; not at all while the journal does not answer.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="ordered">Whether an operator orders it, so that it counts although this node brought it before.</param>
    /// <param name="ct">Ends the wait, not the offer.</param>
    Task<ApplyResult> ApplyAsync(CatalogueFile file, bool ordered, CancellationToken ct);

    /// <summary>Adds or replaces a server at run time. Done once it is stored.</summary>
    Task<OverlayResult> PutServerAsync(ServerId server, ReadOnlyMemory<byte> definition, string who, CancellationToken ct);

    /// <summary>Takes a server away at run time, also one of the file. Done once it is stored.</summary>
    Task<OverlayResult> RemoveServerAsync(ServerId server, string who, CancellationToken ct);

    /// <summary>Takes the run-time entry of a server away, so that the file counts again. Done once it is stored.</summary>
    Task<OverlayResult> RestoreServerAsync(ServerId server, string who, CancellationToken ct);
}

/// <summary>Published when the table of a node was swapped.</summary>
public sealed record CatalogueChanged(RouteTable Old, RouteTable New, CatalogueDiff Diff);

/// <summary>What the cluster agreed on.</summary>
/// <param name="Revision">Grows with every change of file or overlay.</param>
/// <param name="Hash">Hash of the file that was applied last.</param>
public sealed record CatalogueAgreement(long Revision, string Hash);

/// <summary>What became of a file that was offered.</summary>
/// <param name="Diff">What changed in this node.</param>
/// <param name="Revision">The cluster's revision; null when it is not known, because the journal or the coordinator does not answer.</param>
/// <param name="Text">Why it was not taken.</param>
public sealed record ApplyResult(CatalogueDiff Diff, long? Revision, string? Text = null)
{
    /// <summary>Whether the file made the revision.</summary>
    public bool IsNew { get; init; }

    /// <summary>Whether the cluster keeps another file.</summary>
    public bool IsKept { get; init; }
}

/// <summary>What became of a change at run time.</summary>
public abstract record OverlayResult
{
    private OverlayResult()
    {
    }

    /// <summary>Stored, and in force here.</summary>
    /// <param name="Revision">The cluster's new revision.</param>
    /// <param name="Created">True when the server is new.</param>
    public sealed record Done(long Revision, bool Created) : OverlayResult;

    /// <summary>The definition is wrong; nothing changed.</summary>
    public sealed record Invalid(IReadOnlyList<string> Faults) : OverlayResult;

    /// <summary>There is no such server, or no such entry.</summary>
    public sealed record Missing : OverlayResult;

    /// <summary>The journal or the coordinator does not answer; nothing changed as far as is known.</summary>
    public sealed record Unavailable(string Reason) : OverlayResult;
}
