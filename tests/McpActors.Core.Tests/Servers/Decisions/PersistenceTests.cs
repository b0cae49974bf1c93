using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

/// <summary>What of lists and results outlives a restart, by <c>cache.persist</c>.</summary>
public sealed class PersistenceTests
{
    private static readonly CacheFill Fill = new("{}"u8.ToArray(), TimeSpan.FromMinutes(10), CacheScope.Private, ProtocolRevision.V20251125);

    [Fact]
    public void None_keeps_lists_in_memory_only()
    {
        var driver = WithTools(CachePersistence.None);

        driver.Ask()!.Fresh.ShouldBeTrue();
        driver.Events.OfType<ListLearned>().ShouldBeEmpty();
        driver.Decider.StateToStore.Lists.ShouldBeEmpty();
        driver.Decider.StateToStore.Peer.ShouldNotBeNull();
    }

    [Fact]
    public void None_takes_no_list_back_that_was_stored_before_it_was_set()
    {
        var stored = WithTools(CachePersistence.Lists).Decider.StateToStore;
        stored.Lists.ShouldNotBeEmpty();

        new DeciderDriver(Settings(CachePersistence.Lists), stored).Decider.State.Lists.ShouldNotBeEmpty();
        new DeciderDriver(Settings(CachePersistence.None), stored).Decider.State.Lists.ShouldBeEmpty();
    }

    [Fact]
    public void Lists_that_are_known_are_recorded_once_they_are_to_be_kept()
    {
        var driver = WithTools(CachePersistence.None);

        driver.Decider.Reconfigure(Settings(CachePersistence.Lists), driver.Now);
        driver.Flush();

        driver.Events.OfType<ListLearned>().Single().Kind.ShouldBe(ListKind.Tools);
    }

    [Theory]
    [InlineData(CachePersistence.Lists, false)]
    [InlineData(CachePersistence.All, true)]
    public void Results_are_kept_only_with_all(CachePersistence persist, bool kept)
    {
        var driver = new DeciderDriver(Settings(persist));
        driver.Complete(driver.Run(driver.Intent(key: "a")).Call, fill: Fill);

        driver.Decider.HasCacheChanges.ShouldBe(kept);
        driver.Events.ShouldAllBe(change => change is PeerLearned);
    }

    [Fact]
    public void Restored_result_answers_its_own_caller_and_nobody_else_and_no_connection_is_opened()
    {
        var before = new DeciderDriver(Settings(CachePersistence.All));
        before.Complete(before.Run(before.Intent(key: "anna")).Call, fill: Fill);
        var stored = before.Decider.TakeCacheChanges().Kept;

        var after = new DeciderDriver(Settings(CachePersistence.All), before.Decider.StateToStore);
        after.Decider.RestoreCache(stored, after.Now).ShouldBe(1);

        var hit = after.Admit(after.Intent(key: "anna")).Reply.ShouldBeOfType<CacheHit>();
        hit.Scope.ShouldBe(CacheScope.Private);
        hit.RemainingTtl.ShouldBe(Fill.Ttl);
        after.Connects.ShouldBeEmpty();
        after.Admit(after.Intent(key: "bert")).Reply.ShouldBeNull();
        after.Connects.Count.ShouldBe(1);
    }

    [Fact]
    public void Result_from_before_the_cache_was_cleared_is_not_taken_back()
    {
        var before = new DeciderDriver(Settings(CachePersistence.All));
        before.Complete(before.Run(before.Intent(key: "a")).Call, fill: Fill);
        var stored = before.Decider.TakeCacheChanges().Kept;
        before.Order(new ClearCache(DeciderDriver.Server, "ann"));

        var fromSnapshot = new DeciderDriver(Settings(CachePersistence.All), before.Decider.StateToStore);
        fromSnapshot.Decider.RestoreCache(stored, fromSnapshot.Now).ShouldBe(0);
        var replayed = before.Events.Aggregate(ServerState.Initial, (state, change) => state.Evolve(change));
        replayed.CacheClearedAt.ShouldBe(before.Now);
    }

    private static ServerSettings Settings(CachePersistence persist) => new() { Server = DeciderDriver.Server, Cache = new CacheOptions { Persist = persist } };

    private static DeciderDriver WithTools(CachePersistence persist)
    {
        var driver = new DeciderDriver(Settings(persist));
        driver.Ask();
        driver.Connect(DeciderDriver.Peer(ProtocolRevision.V20251125, """{"tools":{}}"""));
        driver.Fetched("a");
        return driver;
    }
}
