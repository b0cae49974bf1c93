using McpActors.Cluster.Persistence;

namespace McpActors.Cluster.Membership;

/// <summary>
/// One row of the store that the members of a cluster count up while they live. It tells a node that can reach none of its seeds whether they are dead or it is
/// cut off from them. A count and no time, so that no two clocks are compared.
/// </summary>
internal sealed class ClusterMark(Store store)
{
    private const string Name = "cluster";

    /// <summary>Counts up.</summary>
    public async Task RaiseAsync(string owner, CancellationToken ct)
    {
        await using var connection = await store.OpenAsync(ct);
        await connection.ExecuteAsync(
            """
            INSERT INTO mcpactors_claims (name, owner, until) VALUES (@name, @owner, 1)
            ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = mcpactors_claims.until + 1
            """, ct, ("name", Name), ("owner", owner));
    }

    /// <summary>The count; 0 where there is no cluster.</summary>
    public async Task<long> ReadAsync(CancellationToken ct)
    {
        await using var connection = await store.OpenAsync(ct);
        return await connection.ScalarAsync("SELECT until FROM mcpactors_claims WHERE name = @name", ct, ("name", Name));
    }

    /// <summary>The last member left in good order: who comes next need not wait.</summary>
    public async Task RemoveAsync(CancellationToken ct)
    {
        await using var connection = await store.OpenAsync(ct);
        await connection.ExecuteAsync("DELETE FROM mcpactors_claims WHERE name = @name", ct, ("name", Name));
    }
}
