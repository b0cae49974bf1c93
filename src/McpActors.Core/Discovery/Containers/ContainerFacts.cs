namespace McpActors.Core.Discovery.Containers;

/// <summary>What an engine says of a running container.</summary>
/// <param name="Name">Its name, without the engine's slash.</param>
/// <param name="Labels">Its labels.</param>
public sealed record ContainerFacts(string Name, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Whether it has no network of its own but its host's.</summary>
    public bool IsOnHostNetwork { get; init; }

    /// <summary>Its addresses, by the name of the network.</summary>
    public IReadOnlyDictionary<string, string> Addresses { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Its TCP ports.</summary>
    public IReadOnlyList<ContainerPort> Ports { get; init; } = [];
}

/// <summary>A TCP port of a container.</summary>
/// <param name="Private">Its number inside.</param>
/// <param name="Published">Its number at the engine's machine; null when it is exposed only.</param>
/// <param name="PublishedAt">The address there that it is published at; empty or a wildcard: all.</param>
public sealed record ContainerPort(int Private, int? Published = null, string PublishedAt = "");

/// <summary>How servers in containers are reached.</summary>
/// <param name="Host">The engine's machine, under the name by which other nodes reach it too.</param>
/// <param name="ByPublishedPort">By their published ports at that machine; otherwise by their own addresses where they have one.</param>
public sealed record ContainerReach(string Host, bool ByPublishedPort);
