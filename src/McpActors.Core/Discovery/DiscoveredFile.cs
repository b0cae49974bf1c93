using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery;

/// <summary>A file of <c>discovery.files</c>, as a node read it last. It belongs to another program, so what is wrong with it holds up nothing else.</summary>
/// <param name="Path">Its absolute path.</param>
public sealed record DiscoveredFile(string Path)
{
    /// <summary>Its servers that count.</summary>
    public IReadOnlyList<ServerId> Servers { get; init; } = [];

    /// <summary>Its servers whose id is taken by our own files, or by one that is listed before it.</summary>
    public IReadOnlyList<ServerId> Outranked { get; init; } = [];

    /// <summary>Why it cannot be used as it is now; empty when it can.</summary>
    public IReadOnlyList<ConfigurationFault> Faults { get; init; } = [];

    /// <summary>Whether there is nothing to read, and never was since this process started: another program may make it later.</summary>
    public bool IsAbsent { get; init; }

    /// <summary>Whether, because of the faults, what it said before stays in force; otherwise its servers are left out.</summary>
    public bool IsKept { get; init; }

    /// <summary>Its name as a source.</summary>
    public SourceName Source => SourceName.DiscoveredFile(Path);

    /// <summary>Whether <paramref name="other"/> says the same.</summary>
    public bool IsSame(DiscoveredFile other) =>
        (Path, IsAbsent, IsKept) == (other.Path, other.IsAbsent, other.IsKept)
        && Servers.SequenceEqual(other.Servers) && Outranked.SequenceEqual(other.Outranked) && Faults.SequenceEqual(other.Faults);
}
