using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;

namespace McpActors.Core.Routing;

/// <summary>Where a server's definition comes from. Where several say something of one id, the first of these kinds wins.</summary>
public enum ServerSource
{
    /// <summary>The management API.</summary>
    Api,

    /// <summary>The configuration file.</summary>
    File,

    /// <summary>A file of <c>discovery.files</c>.</summary>
    DiscoveredFile,

    /// <summary>A labelled container.</summary>
    Docker,

    /// <summary>An MCP registry.</summary>
    Registry,
}

/// <summary>A server and where it comes from.</summary>
/// <param name="Model">The settings in effect.</param>
/// <param name="Source">Who said so.</param>
public sealed record ServerRoute(ServerModel Model, SourceName Source);

/// <summary>
/// Every server a request can be routed to. Immutable: a change of the catalogue makes a new table, and whoever holds the old one
/// finishes with it.
/// </summary>
public sealed class RouteTable
{
    private readonly FrozenDictionary<string, ServerRoute> _byId;

    /// <summary>Makes a table.</summary>
    /// <param name="servers">The servers, each id once.</param>
    /// <param name="revision">Number the cluster gave this catalogue; 0 while it has not.</param>
    /// <param name="hash">Hash of the configuration file behind it.</param>
    public RouteTable(IEnumerable<ServerRoute> servers, long revision, string hash)
    {
        _byId = servers.ToFrozenDictionary(route => route.Model.Id.Value, StringComparer.Ordinal);
        Servers = [.. _byId.Values.OrderBy(route => route.Model.Id.Value, StringComparer.Ordinal).Select(route => route.Model)];
        Revision = revision;
        Hash = hash;
    }

    /// <summary>A table without servers.</summary>
    public static RouteTable Empty { get; } = new([], 0, "");

    /// <summary>All servers, by id. Disabled ones are included.</summary>
    public IReadOnlyList<ServerModel> Servers { get; }

    /// <summary>Number the cluster gave this catalogue; 0 while it has not.</summary>
    public long Revision { get; }

    /// <summary>Hash of the configuration file behind it.</summary>
    public string Hash { get; }

    /// <summary>The server with this id, or null.</summary>
    public ServerModel? Find(ServerId id) => FindRoute(id)?.Model;

    /// <summary>The server with this id and its source, or null.</summary>
    public ServerRoute? FindRoute(ServerId id) => id.Value is { } value ? _byId.GetValueOrDefault(value) : null;

    /// <summary>The server a path or a name prefix names. Any text may be asked for.</summary>
    public bool TryFind(ReadOnlySpan<char> id, [NotNullWhen(true)] out ServerModel? server)
    {
        server = _byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var route) ? route.Model : null;
        return server is not null;
    }

    /// <summary>The id that was probably meant, or null when none is near.</summary>
    public string? Suggest(string id) => NearestName.Find(id, Servers.Select(server => server.Id.Value));
}
