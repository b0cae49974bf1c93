using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;
using McpActors.Core.Routing;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>Finds the server behind a name or a URI of the merged endpoint.</summary>
internal sealed class TargetResolver(ICatalogue routes, CatalogueGathering gathering, TimeProvider time)
{
    /// <summary>How long an index of URIs is used without asking the servers whether their lists changed.</summary>
    private static readonly TimeSpan IndexAge = TimeSpan.FromSeconds(5);

    private volatile BuiltIndex? _index;

    /// <summary>The server and its own name for what the client calls so; nulls when nobody has it or it is hidden.</summary>
    public async ValueTask<(ServerModel? Server, string? Name)> NamedAsync(string exposed, ListKind kind, CancellationToken ct)
    {
        if (!AggregatedNames.TrySplit(exposed, out var id, out var rest) || !routes.Current.TryFind(id.Value, out var server))
            return default;
        var name = rest;
        if (AggregatedNames.MayBeCut(exposed))
        {
            // It may also be a name that merely looks so: then it stays.
            var contribution = await gathering.OneAsync(server, (ListKinds)(1 << (int)kind), ct);
            if (contribution.Catalogue?[kind] is { } copy)
                name = ShownNames.Of(server.Id, copy).Find(exposed) ?? rest;
        }

        return kind == ListKind.Tools && server.Tool(name).Hidden ? default : (server, name);
    }

    /// <summary>What a client that calls for an unknown name most likely meant.</summary>
    public async ValueTask<string?> NearestAsync(string exposed, ListKind kind, CancellationToken ct)
    {
        var all = await gathering.GatherAsync((ListKinds)(1 << (int)kind), ct);
        return NearestName.Find(exposed, Exposed(all, kind));
    }

    /// <summary>The server of a URI or template; null when nobody has it.</summary>
    public async ValueTask<ServerModel?> ByUriAsync(string uri, CancellationToken ct)
    {
        var built = _index;
        var table = routes.Current;
        if (built is not null && ReferenceEquals(built.Table, table) && time.GetElapsedTime(built.At) < IndexAge && built.Index.Find(uri) is { } known)
            return known;
        const ListKinds both = ListKinds.Resources | ListKinds.ResourceTemplates;
        var contributions = await gathering.GatherAsync(both, ct);
        var hash = CatalogueGathering.HashOf(contributions, both);
        var index = built is not null && built.Hash == hash ? built.Index : new ResourceIndex(contributions);
        _index = new BuiltIndex(index, table, hash, time.GetTimestamp());
        return index.Find(uri);
    }

    private static IEnumerable<string> Exposed(IReadOnlyList<Contribution> all, ListKind kind)
    {
        foreach (var contribution in all)
        {
            if (contribution.Catalogue?[kind] is not { } copy)
                continue;
            var names = ShownNames.Of(contribution.Server.Id, copy);
            foreach (var item in copy.Items)
            {
                if (kind != ListKind.Tools || !contribution.Server.Tool(item.Name).Hidden)
                    yield return names.ExposedAs(item.Name)!;
            }
        }
    }

    private sealed record BuiltIndex(ResourceIndex Index, RouteTable Table, UInt128 Hash, long At);
}
