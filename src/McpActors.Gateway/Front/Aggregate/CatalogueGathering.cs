using System.IO.Hashing;
using System.Text;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>What one server contributes to a merged list.</summary>
/// <param name="Server">The server.</param>
/// <param name="Catalogue">The last that is known of it; null when nothing ever was.</param>
/// <param name="Unavailable">Why it is not current, or its server cannot be used, in words; null when all is well.</param>
internal sealed record Contribution(ServerModel Server, ServerCatalogue? Catalogue, string? Unavailable);

/// <summary>Asks all servers for their lists at once. Each has its own time; one that is slow, dead or unknown holds up nobody.</summary>
internal sealed class CatalogueGathering(ICatalogue routes, IServerCalls servers, TimeProvider time)
{
    /// <summary>The contributions of all enabled servers, in the order of their ids.</summary>
    public async Task<IReadOnlyList<Contribution>> GatherAsync(ListKinds kinds, CancellationToken ct)
    {
        var enabled = routes.Current.Servers.Where(static s => s.Enabled).OrderBy(static s => s.Id.Value, StringComparer.Ordinal).ToArray();
        return await Task.WhenAll(enabled.Select(server => OneAsync(server, kinds, ct)));
    }

    /// <summary>Changes exactly when one of the lists does.</summary>
    public static UInt128 HashOf(IReadOnlyList<Contribution> contributions, ListKinds kinds)
    {
        var hash = new XxHash128();
        foreach (var contribution in contributions)
        {
            Append(hash, contribution.Server.Id.Value);
            Append(hash, contribution.Server.Revision);
            foreach (var kind in Enum.GetValues<ListKind>())
            {
                if (kinds.HasFlag((ListKinds)(1 << (int)kind)))
                    Append(hash, contribution.Catalogue?[kind]?.Hash ?? "-");
            }
        }

        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>The contribution of one server.</summary>
    public async Task<Contribution> OneAsync(ServerModel server, ListKinds kinds, CancellationToken ct)
    {
        try
        {
            var query = new ServerProtocol.GetCatalogue(server.Id, kinds, time.GetUtcNow() + server.Timeout.List);
            var reply = await servers.GetCatalogueAsync(query, ct);
            return new Contribution(server, reply.Catalogue, reply.UnavailableReason);
        }
        catch (TimeoutException)
        {
            return new Contribution(server, null, "its owner does not answer");
        }
    }

    private static void Append(XxHash128 hash, string text)
    {
        hash.Append(Encoding.UTF8.GetBytes(text));
        hash.Append("\0"u8);
    }
}
