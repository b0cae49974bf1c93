using System.Diagnostics;
using Akka.Actor;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Sessions;
using Microsoft.Extensions.Time.Testing;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Persistence;

/// <summary>What every kind of store keeps; each kind inherits it.</summary>
public abstract class StoreContract
{
    private static readonly ServerId Files = new("files");

    private protected static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    /// <summary>A new, empty store.</summary>
    private protected abstract Task<NodeSettings> NewStoreAsync();

    [SkippableFact]
    public async Task Events_and_snapshots_are_read_back_as_they_were_written()
    {
        var settings = await ReadyStoreAsync();
        await using (var node = await TestNode.StartAsync(settings))
        {
            var writer = await RecordingEntity.StartAsync(node, "server-files");
            await writer.StoreAsync(Opened(1));
            writer.Recorder.Tell(new SaveSnapshot(ServerState.Initial with { Circuit = Opened(1).State }));
            await writer.StoreAsync(Opened(2), Opened(3));
            await SnapshotsAsync(settings, 1);
        }

        await using var again = await TestNode.StartAsync(settings);
        var reader = await RecordingEntity.StartAsync(again, "server-files");
        reader.Recovered.Events.ShouldBe([Opened(2), Opened(3)]);
        reader.Recovered.Snapshot.ShouldBeOfType<ServerState>().Circuit.ShouldBe(Opened(1).State);
        reader.Recovered.SequenceNr.ShouldBe(3);
        (await again.Get<IServerHistory>().ReadAsync(Files, 0, 10, Soon)).Select(entry => entry.Sequence).ShouldBe([1, 2, 3]);
    }

    [SkippableFact]
    public async Task The_second_writer_of_an_entity_loses_and_stops()
    {
        var settings = await ReadyStoreAsync();
        await using var node = await TestNode.StartAsync(settings);
        var first = await RecordingEntity.StartAsync(node, "server-files");
        var second = await RecordingEntity.StartAsync(node, "server-files");
        await second.StoreAsync(Opened(1));

        first.Begin(Opened(2));

        await first.Fenced;
        var reader = await RecordingEntity.StartAsync(node, "server-files");
        reader.Recovered.Events.ShouldBe([Opened(1)]);
    }

    [SkippableFact]
    public async Task An_outage_degrades_and_heals_within_five_seconds_and_nothing_is_lost()
    {
        var settings = await ReadyStoreAsync();
        await using var node = await TestNode.StartAsync(settings);
        var entity = await RecordingEntity.StartAsync(node, "server-files");
        await entity.StoreAsync(Opened(1));

        await using (await BeginOutageAsync(settings))
        {
            entity.Begin(Opened(2), Opened(3));
            await UntilAsync(() => node.Health.State is JournalState.Degraded { Queued: >= 2 });
            // Long enough for the breakers of the plugins to open and for the recorder to have backed off.
            await Task.Delay(TimeSpan.FromSeconds(8), Soon);
        }

        var since = Stopwatch.StartNew();
        await entity.StoredAsync();
        since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        await UntilAsync(() => node.Health.State is JournalState.Ok);
        node.Health.Dropped.ShouldBe(0);
        (await RecordingEntity.StartAsync(node, "server-files")).Recovered.Events.ShouldBe([Opened(1), Opened(2), Opened(3)]);
    }

    [SkippableFact]
    public async Task Migrations_run_once_and_in_order_when_five_nodes_start_at_once()
    {
        var settings = await NewStoreAsync();
        var store = Store.Of(settings.Provider, settings.Connection);
        store.Prepare();
        async Task<IReadOnlyList<Migration>> ApplyAsync()
        {
            await using var opened = await store.OpenAsync(Soon);
            return await Migrations.ApplyAsync(store, opened, TimeProvider.System, Soon);
        }

        var applied = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(ApplyAsync)));

        var versions = Migrations.For(store).Select(migration => migration.Version).ToList();
        versions.ShouldBe(Enumerable.Range(1, versions.Count));
        applied.SelectMany(ran => ran).Select(migration => migration.Version).ShouldBe(versions, ignoreOrder: true);
        (await ApplyAsync()).ShouldBeEmpty();
        await using var connection = await store.OpenAsync(Soon);
        (await Migrations.VersionAsync(store, connection, Soon)).ShouldBe(versions.Count);
    }

    [SkippableFact]
    public async Task Both_kinds_of_store_have_the_same_migrations()
    {
        await NewStoreAsync();
        var lists = new[] { Core.Configuration.PersistenceProvider.Sqlite, Core.Configuration.PersistenceProvider.Postgres }
            .Select(provider => Migrations.For(Store.Of(provider, provider == Core.Configuration.PersistenceProvider.Sqlite ? "Data Source=x" : "Host=x")).Select(m => (m.Version, m.Name)).ToList())
            .ToList();

        lists[1].ShouldBe(lists[0]);
    }

    [SkippableFact]
    public async Task Old_events_that_a_snapshot_covers_are_deleted_and_recovery_is_the_same()
    {
        var settings = await ReadyStoreAsync();
        await using (var node = await TestNode.StartAsync(settings))
        {
            var covered = await RecordingEntity.StartAsync(node, "server-files");
            await covered.StoreAsync([.. Enumerable.Range(1, 12).Select(Opened)]);
            covered.Recorder.Tell(new SaveSnapshot(ServerState.Initial with { Circuit = Opened(12).State }));
            await covered.StoreAsync(Opened(13));
            var bare = await RecordingEntity.StartAsync(node, "server-bare");
            await bare.StoreAsync(Opened(1), Opened(2));
            var whole = await RecordingEntity.StartAsync(node, "server-whole");
            await whole.StoreAsync(Opened(1), Opened(2));
            whole.Recorder.Tell(new SaveSnapshot(ServerState.Initial));
            await SnapshotsAsync(settings, 2);
        }

        (await RetentionAt(settings, TimeSpan.FromDays(29)).RunAsync(Soon)).Events.ShouldBe(0);
        (await RetentionAt(settings, TimeSpan.FromDays(31)).RunAsync(Soon)).Events.ShouldBe(13);

        await using var again = await TestNode.StartAsync(settings);
        var reader = await RecordingEntity.StartAsync(again, "server-files");
        reader.Recovered.Snapshot.ShouldBeOfType<ServerState>().Circuit.ShouldBe(Opened(12).State);
        reader.Recovered.Events.ShouldBe([Opened(13)]);
        reader.Recovered.SequenceNr.ShouldBe(13);
        (await RecordingEntity.StartAsync(again, "server-bare")).Recovered.Events.ShouldBe([Opened(1), Opened(2)]);
        // The last event stays, covered or not: the next number is counted from it.
        var last = await RecordingEntity.StartAsync(again, "server-whole");
        last.Recovered.SequenceNr.ShouldBe(2);
        await last.StoreAsync(Opened(3));
        (await again.Get<IServerHistory>().ReadAsync(new ServerId("whole"), 0, 10, Soon)).Select(entry => entry.Sequence).ShouldBe([2, 3]);
    }

    [SkippableFact]
    public async Task Ended_sessions_are_deleted_and_living_ones_are_not()
    {
        var settings = await ReadyStoreAsync();
        SessionInfo ended, living;
        await using (var node = await TestNode.StartAsync(settings))
        {
            ended = await node.Get<ISessions>().OpenAsync(new SessionOpen("files", Sessions.SessionLifeTests.Profile, null), Soon);
            living = await node.Get<ISessions>().OpenAsync(new SessionOpen("files", Sessions.SessionLifeTests.Profile, null), Soon);
            (await node.Get<ISessions>().CloseAsync(ended.Id, SessionEnd.Closed, Soon)).ShouldBeTrue();
        }

        (await RetentionAt(settings, TimeSpan.Zero).RunAsync(Soon)).Sessions.ShouldBe(0);
        (await RetentionAt(settings, TimeSpan.FromHours(2)).RunAsync(Soon)).Sessions.ShouldBe(1);
        await using (var node = await TestNode.StartAsync(settings))
        {
            (await node.Get<ISessions>().FindAsync(living.Id, Soon)).ShouldNotBeNull();
            (await node.Get<ISessions>().FindAsync(ended.Id, Soon)).ShouldBeNull();
        }

        // Nobody noted the end of the other one, but nobody used it for longer than it lives.
        (await RetentionAt(settings, TimeSpan.FromHours(30)).RunAsync(Soon)).Sessions.ShouldBe(1);
    }

    [SkippableFact]
    public async Task One_process_of_all_deletes_and_another_takes_over_when_it_is_gone()
    {
        var settings = await ReadyStoreAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = Store.Of(settings.Provider, settings.Connection);
        await using (await TestNode.StartAsync(settings))
        {
        }

        Retention Process() => new(store, new RetentionSettings(), time);
        var claims = await Task.WhenAll(Enumerable.Range(0, 5).Select(n => Task.Run(() => Process().ClaimAsync($"node{n}", Soon))));

        claims.Count(claimed => claimed).ShouldBe(1);
        (await Process().ClaimAsync("node1", Soon)).ShouldBeFalse();
        time.Advance(TimeSpan.FromHours(1));
        (await Process().ClaimAsync("node2", Soon)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Results_come_back_under_their_keys_until_they_expire_or_the_definition_changes()
    {
        var settings = await ReadyStoreAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        using var table = new CacheTable(Store.Of(settings.Provider, settings.Connection), time);
        var results = Enumerable.Range(1, 450).Select(number => Result(number, time.GetUtcNow())).ToList();
        await table.StoreAsync(Files, "d1", new CacheChanges(false, results, []), Soon);
        await table.StoreAsync(new ServerId("other"), "d1", new CacheChanges(false, [Result(1, time.GetUtcNow())], []), Soon);
        await table.StoreAsync(Files, "d1", new CacheChanges(false, [results[1] with { Invalidated = true }], [results[0].Entry.Key]), Soon);

        var loaded = await table.LoadAsync(Files, "d1", Soon);

        loaded.Count.ShouldBe(449);
        var byKey = loaded.ToDictionary(entry => entry.Entry.Key);
        foreach (var expected in results.Skip(1))
        {
            var found = byKey[expected.Entry.Key];
            found.Entry.Payload.ToArray().ShouldBe(expected.Entry.Payload.ToArray());
            (found.Entry with { Payload = default }).ShouldBe(expected.Entry with { Payload = default });
            found.Invalidated.ShouldBe(expected == results[1]);
        }

        await table.StoreAsync(Files, "d1", new CacheChanges(true, [.. results.Take(3)], []), Soon);
        (await table.LoadAsync(Files, "d1", Soon)).Count.ShouldBe(3);
        time.Advance(TimeSpan.FromMinutes(3));
        (await table.LoadAsync(Files, "d1", Soon)).Count.ShouldBe(1, "the others lived for less");
        (await table.LoadAsync(Files, "d2", Soon)).ShouldBeEmpty();
        (await table.LoadAsync(Files, "d1", Soon)).ShouldBeEmpty("what another definition found is dropped");
    }

    [SkippableFact]
    public async Task What_an_earlier_life_kept_is_dropped_where_results_are_no_longer_kept_and_expired_ones_are_deleted()
    {
        var settings = await ReadyStoreAsync();
        var store = Store.Of(settings.Provider, settings.Connection);
        var now = TimeProvider.System.GetUtcNow();
        using (var before = new CacheTable(store, TimeProvider.System))
        {
            await before.StoreAsync(Files, "d", new CacheChanges(false, [Result(3, now)], []), Soon);
            await before.StoreAsync(new ServerId("other"), "d", new CacheChanges(false, [Result(1, now), Result(3, now)], []), Soon);
        }

        using var table = new CacheTable(store, TimeProvider.System);
        await table.DropLeftoversAsync(new ServerId("unknown"), Soon);
        await table.DropLeftoversAsync(Files, Soon);

        (await table.LoadAsync(Files, "d", Soon)).ShouldBeEmpty();
        await RetentionAt(settings, TimeSpan.FromMinutes(3)).RunAsync(Soon);
        (await table.LoadAsync(new ServerId("other"), "d", Soon)).Single().Entry.Key.ShouldBe(Result(3, now).Entry.Key);
    }

    /// <summary>Makes the store refuse writes until the result is disposed of.</summary>
    private protected abstract Task<IAsyncDisposable> BeginOutageAsync(NodeSettings settings);

    /// <summary>A store with its tables.</summary>
    private protected async Task<NodeSettings> ReadyStoreAsync()
    {
        var settings = await NewStoreAsync();
        var store = Store.Of(settings.Provider, settings.Connection);
        store.Prepare();
        await using var connection = await store.OpenAsync(Soon);
        await Migrations.ApplyAsync(store, connection, TimeProvider.System, Soon);
        return settings;
    }

    private protected static CircuitChanged Opened(int number)
    {
        var at = DateTimeOffset.UnixEpoch.AddSeconds(number);
        var change = new CircuitEvent.Opened(at, $"failure {number}", CircuitCause.ConsecutiveFailures, at.AddSeconds(10), false);
        return new CircuitChanged(Files, change, CircuitState.Initial.Evolve(change));
    }

    /// <summary>A result that is of use for as many minutes as its number says.</summary>
    private static StoredEntry Result(int number, DateTimeOffset at) => new(
        new CacheEntry
        {
            Key = new CacheKey(UInt128.MaxValue - (UInt128)number),
            Tag = new CacheTag(CacheKind.ToolCall, ulong.MaxValue - (ulong)number),
            Payload = Enumerable.Range(0, number * 100).Select(i => (byte)i).ToArray(),
            FetchedAt = at,
            Ttl = TimeSpan.FromMinutes(number),
            StaleWhileRevalidate = TimeSpan.FromSeconds(1),
            StaleIfError = TimeSpan.FromSeconds(5),
            Scope = number % 2 == 0 ? CacheScope.Public : CacheScope.Private,
            Revision = ProtocolRevision.V20250618,
            IsError = number % 3 == 0,
        },
        Invalidated: false);

    private static Retention RetentionAt(NodeSettings settings, TimeSpan later) => new(
        Store.Of(settings.Provider, settings.Connection),
        new RetentionSettings { Batch = 5, Pause = TimeSpan.Zero, SessionIdle = settings.SessionIdle },
        new FakeTimeProvider(TimeProvider.System.GetUtcNow() + later));

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var limit = Soon;
        while (!condition())
            await timer.WaitForNextTickAsync(limit);
    }

    /// <summary>Snapshots are stored behind, and nobody says when.</summary>
    private static async Task SnapshotsAsync(NodeSettings settings, int count)
    {
        var store = Store.Of(settings.Provider, settings.Connection);
        await using var connection = await store.OpenAsync(Soon);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await connection.ScalarAsync("SELECT COUNT(*) FROM snapshot", Soon) < count)
            await timer.WaitForNextTickAsync(Soon);
    }
}
