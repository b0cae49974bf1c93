using McpActors.Cluster.Hosting;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Testing;

namespace McpActors.Cluster.Tests.Persistence;

/// <summary>Tests that share one PostgreSQL server, one after the other, because some stop it.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresStoreTests(PostgresServer server) : StoreContract
{
    private protected override async Task<NodeSettings> NewStoreAsync() => TestNode.Settings("") with
    {
        Provider = PersistenceProvider.Postgres,
        Connection = await server.CreateDatabaseAsync(),
    };

    private protected override async Task<IAsyncDisposable> BeginOutageAsync(NodeSettings settings)
    {
        await server.StopAsync();
        return new Return(server);
    }

    private sealed class Return(PostgresServer server) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await server.StartAsync();
    }
}
