using System.Net;

namespace McpActors.Cluster.Membership;

/// <summary>Finds the addresses behind a name.</summary>
public interface ISeedResolver
{
    /// <summary>The addresses; throws where the name is not known, or nobody answers.</summary>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken ct);
}

/// <summary>Asks the system, which asks DNS (A and AAAA).</summary>
internal sealed class SystemSeedResolver : ISeedResolver
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken ct) => await Dns.GetHostAddressesAsync(name, ct);
}
