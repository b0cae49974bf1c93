using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery;

/// <summary>What became of what a source says of a server.</summary>
public enum ClaimStanding
{
    /// <summary>It counts.</summary>
    InForce,

    /// <summary>A source that comes before it says something of the same id.</summary>
    Outranked,

    /// <summary>A person must approve it first.</summary>
    NeedsApproval,

    /// <summary>A person rejected it.</summary>
    Rejected,

    /// <summary>It needs settings that only people have.</summary>
    NeedsConfiguration,

    /// <summary>It cannot be used by this version or in this form.</summary>
    Unavailable,

    /// <summary>It cannot be read.</summary>
    Faulty,
}

/// <summary>What one source says of one id, and what became of it.</summary>
/// <param name="Id">The server.</param>
/// <param name="Source">Who says it.</param>
/// <param name="Standing">What became of it.</param>
/// <param name="Reason">Why, for people; may be empty.</param>
public sealed record CatalogueClaim(ServerId Id, SourceName Source, ClaimStanding Standing, string Reason)
{
    /// <summary>Its name at the source.</summary>
    public string Name { get; init; } = "";

    /// <summary>Name for people.</summary>
    public string Title { get; init; } = "";

    /// <summary>Its version at the source; empty when it has none.</summary>
    public string Version { get; init; } = "";
}
