using McpActors.Core.Configuration;
using McpActors.Core.Routing;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery;

/// <summary>What is different between two catalogues.</summary>
/// <param name="Added">Servers that are new.</param>
/// <param name="Removed">Servers that are gone.</param>
/// <param name="Changed">Servers that behave differently, as they are now.</param>
public sealed record CatalogueDiff(IReadOnlyList<ServerModel> Added, IReadOnlyList<ServerModel> Removed, IReadOnlyList<ServerModel> Changed)
{
    /// <summary>Nothing differs.</summary>
    public static CatalogueDiff None { get; } = new([], [], []);

    /// <summary>Whether anything differs.</summary>
    public bool IsEmpty => Added.Count == 0 && Removed.Count == 0 && Changed.Count == 0;

    /// <summary>Compares two catalogues by the revision of each model.</summary>
    public static CatalogueDiff Between(RouteTable old, RouteTable @new) => new(
        [.. @new.Servers.Where(server => old.Find(server.Id) is null)],
        [.. old.Servers.Where(server => @new.Find(server.Id) is null)],
        [.. @new.Servers.Where(server => old.Find(server.Id) is { } before && before.Revision != server.Revision)]);
}

/// <summary>An overlay entry that this node cannot read, and why: its file's defaults or its version differ.</summary>
public sealed record OverlayFault(ServerId Server, IReadOnlyList<string> Faults);

/// <summary>The result of a merge.</summary>
/// <param name="Table">The catalogue in effect.</param>
/// <param name="Faults">Overlay entries that were left out.</param>
public sealed record MergedCatalogue(RouteTable Table, IReadOnlyList<OverlayFault> Faults);

/// <summary>Lays what was entered at run time over what the file says.</summary>
public static class CatalogueMerge
{
    /// <summary>Merges. An entry that cannot be read leaves the file's server in force.</summary>
    public static MergedCatalogue Merge(CatalogueFile file, IEnumerable<OverlayEntry> overlay, long revision, IServerDefinitionReader reader)
    {
        var routes = file.Servers.ToDictionary(server => server.Id, server => new ServerRoute(server, ServerSource.File));
        var faults = new List<OverlayFault>();
        foreach (var entry in overlay)
        {
            if (entry.Definition is not { } definition)
            {
                routes.Remove(entry.Server);
                continue;
            }

            var read = reader.Read(entry.Server, definition, file);
            if (read.Model is { } model)
                routes[entry.Server] = new ServerRoute(model, ServerSource.Api);
            else
                faults.Add(new OverlayFault(entry.Server, read.Faults));
        }

        return new MergedCatalogue(new RouteTable(routes.Values, revision, file.Hash), faults);
    }
}
