using System.Collections.Concurrent;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Sources;
using McpActors.Transports.Docker;
using McpActors.Transports.Registries;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>What the actors of this slice need of their node.</summary>
internal sealed record SourcesNode
{
    /// <summary>Clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The node's own address, host:port.</summary>
    public required string Address { get; init; }

    /// <summary>The node's name, which its restarts do not change.</summary>
    public required string Name { get; init; }

    /// <summary>The host of its address, by which other nodes reach its machine.</summary>
    public required string Host { get; init; }

    /// <summary>The settings in force here.</summary>
    public required Func<DiscoveryOptions> Discovery { get; init; }

    /// <summary>Whether those are the cluster's: at a start they are those of the node's own file.</summary>
    public required Func<bool> IsInStep { get; init; }

    /// <summary>Makes the reader of a registry.</summary>
    public required Func<RegistryOptions, IRegistryReader> Registries { get; init; }

    /// <summary>Makes the client of this node's engine.</summary>
    public required Func<IContainerEngine> Engine { get; init; }

    /// <summary>Where this node shows the sources that it asks itself.</summary>
    public required SourceBoard Board { get; init; }
}

/// <summary>The sources that this node asks itself, for its metrics.</summary>
public sealed class SourceBoard
{
    private readonly ConcurrentDictionary<SourceName, SourceStatus> _all = new();
    private readonly ConcurrentDictionary<(SourceName Source, bool IsGood), long> _polls = new();

    /// <summary>As they did last.</summary>
    public IReadOnlyCollection<SourceStatus> All => [.. _all.Values];

    /// <summary>How often each answered, and how often it did not.</summary>
    public IReadOnlyCollection<KeyValuePair<(SourceName Source, bool IsGood), long>> Polls => [.. _polls];

    internal void Show(SourceStatus status)
    {
        if (status.LastSuccess is not null || status.Failures > 0)
            _polls.AddOrUpdate((status.Source, status.Failures == 0), 1, static (_, count) => count + 1);
        _all[status.Source] = status;
    }
}
