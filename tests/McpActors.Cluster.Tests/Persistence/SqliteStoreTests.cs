using System.Data.Common;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;

namespace McpActors.Cluster.Tests.Persistence;

public sealed class SqliteStoreTests : StoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Every_connection_of_the_journal_waits_for_locks_and_survives_power_loss()
    {
        var store = new SqliteStore($"Data Source={_folder.File("node.db")}");
        await using var connection = await store.OpenAsync(Soon);

        (await connection.ScalarAsync("PRAGMA busy_timeout", Soon)).ShouldBe(5000L);
        (await connection.ScalarAsync("PRAGMA synchronous", Soon)).ShouldBe(2L);
        (await connection.QueryAsync("PRAGMA journal_mode", row => row.GetString(0), Soon)).ShouldBe(["wal"]);
        store.Connection.ShouldContain("Default Timeout=5");
    }

    public void Dispose() => _folder.Dispose();

    private protected override async Task<IAsyncDisposable> BeginOutageAsync(NodeSettings settings)
    {
        var locker = await new SqliteStore(settings.Connection).OpenAsync(Soon);
        await locker.ExecuteAsync("BEGIN EXCLUSIVE", Soon);
        return new Lock(locker);
    }

    private protected override Task<NodeSettings> NewStoreAsync() => Task.FromResult(TestNode.Settings(_folder.File("store.db")));

    private sealed class Lock(DbConnection locker) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await locker.ExecuteAsync("ROLLBACK", Soon);
            await locker.DisposeAsync();
        }
    }
}
