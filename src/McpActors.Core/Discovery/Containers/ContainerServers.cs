using System.Collections.Immutable;
using McpActors.Core.Discovery.Sources;

namespace McpActors.Core.Discovery.Containers;

/// <summary>
/// The servers of one engine: what it lists now, and for a while what it listed before, so that the restart of a container takes nothing away. Only a listing lets
/// time pass: while the engine does not answer, nothing goes.
/// </summary>
public sealed record ContainerServers
{
    /// <summary>How long a server stays after its last container stopped.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private static readonly ImmutableSortedDictionary<string, (DiscoveredServer Server, DateTimeOffset? GoneSince)> NoServers =
        ImmutableSortedDictionary.Create<string, (DiscoveredServer, DateTimeOffset?)>(StringComparer.Ordinal);

    private ImmutableSortedDictionary<string, (DiscoveredServer Server, DateTimeOffset? GoneSince)> Known { get; init; } = NoServers;

    /// <summary>Before the first listing.</summary>
    public static ContainerServers None { get; } = new();

    /// <summary>The servers that count, by id.</summary>
    public IReadOnlyList<DiscoveredServer> Servers => [.. Known.Values.Select(static known => known.Server)];

    /// <summary>When the next of them goes unless it is listed again; null when all are listed.</summary>
    public DateTimeOffset? NextLeave => Known.Values.Min(static known => known.GoneSince) + Grace;

    /// <summary>After a listing.</summary>
    public ContainerServers Listed(IReadOnlyList<DiscoveredServer> servers, DateTimeOffset now)
    {
        var next = NoServers.SetItems(servers.Select(static server => KeyValuePair.Create(server.Id.Value, (server, (DateTimeOffset?)null))));
        foreach (var (id, known) in Known)
        {
            var since = known.GoneSince ?? now;
            if (!next.ContainsKey(id) && now - since < Grace)
                next = next.Add(id, (known.Server, since));
        }

        return new ContainerServers { Known = next };
    }
}
