using McpActors.Core.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Cluster.Persistence;

/// <summary>The store cannot be used as it is; the message says why and what to do, without paths and secrets.</summary>
public sealed class StoreException : Exception
{
    /// <summary>With what to tell the operator.</summary>
    public StoreException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}

/// <summary>What a migration of the store did.</summary>
/// <param name="Version">The number of its tables now.</param>
/// <param name="Applied">The migrations that ran, in order; none if it was up to date.</param>
public sealed record SchemaReport(int Version, IReadOnlyList<string> Applied);

/// <summary>The explicit step that brings the tables of a store up to date. Any number of processes may do it at once.</summary>
public static class StoreSchema
{
    /// <summary>What is wrong with a store's settings. Null: nothing that can be seen without connecting.</summary>
    public static string? Fault(PersistenceOptions options)
    {
        try
        {
            Store.Of(options.Provider, options.Connection);
            return null;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            return $"the driver does not take the connection string ({wrong.GetType().Name}); check its keys and values";
        }
    }

    /// <summary>Applies what is missing.</summary>
    /// <exception cref="StoreException">The store cannot be reached or refuses.</exception>
    public static async Task<SchemaReport> ApplyAsync(PersistenceOptions options, TimeProvider time, CancellationToken ct)
    {
        var store = Store.Of(options.Provider, options.Connection);
        try
        {
            store.Prepare();
            await using var connection = await store.OpenAsync(ct);
            var applied = await Migrations.ApplyAsync(store, connection, time, ct);
            return new SchemaReport(
                await Migrations.VersionAsync(store, connection, ct),
                [.. applied.Select(migration => $"V{migration.Version:000} {migration.Name}")]);
        }
        catch (Exception fault) when (StoreFault.IsOutage(fault))
        {
            throw new StoreException(StoreFault.Describe(fault), fault);
        }
    }
}

/// <summary>
/// Makes the tables before anything uses them, or refuses to start a node whose store lacks tables that it may not make itself. A store that cannot be reached is no reason: calls are served without it.
/// </summary>
internal sealed class SchemaCheck(Store store, TimeProvider time, ILogger<SchemaCheck> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            store.Prepare();
            await using var connection = await store.OpenAsync(cancellationToken);
            var version = await Migrations.VersionAsync(store, connection, cancellationToken);
            var needed = Migrations.For(store).Count;
            if (version < needed && store.MigratesItself)
                await Migrations.ApplyAsync(store, connection, time, cancellationToken);
            else if (version < needed)
                throw new StoreException($"The tables of the store are of version {version} and this version of the product needs {needed}. Run 'mcpactors migrate --config FILE' once, then start the nodes.");
        }
        catch (Exception fault) when (StoreFault.IsOutage(fault))
        {
            log.LogWarning("The tables of the store could not be looked at ({Reason}); the node starts without it", StoreFault.Describe(fault));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
