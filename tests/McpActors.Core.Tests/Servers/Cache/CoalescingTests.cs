using FsCheck.Xunit;
using McpActors.Core.Servers.Cache;

namespace McpActors.Core.Tests.Servers.Cache;

public sealed class CoalescingTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);
    private readonly CoalescingTable<string> _table = new(maxWaiters: 3);
    private readonly List<CoalescingSignal<string>> _signals = [];

    [Fact]
    public void Thousand_identical_calls_have_one_leader()
    {
        var table = new CoalescingTable<string>();
        var roles = Enumerable.Range(0, 1000).Select(call => table.Join(CallCacheTests.Key(1), 0, new(call, "", Now.AddSeconds(10)))).ToArray();
        roles.Count(role => role == CoalescingRole.Leader).ShouldBe(1);
        table.Complete(0).Select(call => call.CallId).ShouldBe(Enumerable.Range(1, 999).Select(call => (long)call));
        (table.Leaders, table.Waiters).ShouldBe((0, 0));
    }

    [Fact]
    public void Failed_leader_hands_over_to_the_next_waiter_that_has_time()
    {
        Join(1, 1, 10);
        Join(1, 2, 1);
        Join(1, 3, 10);
        _table.Leave(1, Now.AddSeconds(2), _signals).ShouldBeTrue();
        _signals.Select(signal => (signal.Promoted, signal.Call.CallId)).ShouldBe([(false, 2), (true, 3)]);
        _table.Complete(1).ShouldBeEmpty("it does not lead any more");
        _table.IsFetching(CallCacheTests.Key(1)).ShouldBeTrue();
        _table.Complete(3).ShouldBeEmpty();
        _table.IsFetching(CallCacheTests.Key(1)).ShouldBeFalse();
    }

    [Fact]
    public void Waiter_that_leaves_gets_no_answer()
    {
        Join(1, 1, 10);
        Join(1, 2, 10);
        Join(1, 3, 10);
        _table.Leave(2, Now, _signals).ShouldBeTrue();
        _table.Leave(2, Now, _signals).ShouldBeFalse();
        _signals.ShouldBeEmpty();
        _table.Complete(1).ShouldHaveSingleItem().CallId.ShouldBe(3);
    }

    [Fact]
    public void Time_ends_waits_and_replaces_a_lost_leader()
    {
        Join(1, 1, 5);
        Join(1, 2, 2);
        Join(1, 3, 10);
        _table.NextTick.ShouldBe(Now.AddSeconds(2));
        _table.Tick(Now.AddSeconds(2), _signals);
        _table.NextTick.ShouldBe(Now.AddSeconds(5));
        _table.Tick(Now.AddSeconds(5), _signals);
        _signals.Select(signal => (signal.Promoted, signal.Call.CallId)).ShouldBe([(false, 2), (true, 3)]);
        _table.Tick(Now.AddSeconds(10), _signals);
        _table.NextTick.ShouldBeNull();
        _table.Leaders.ShouldBe(0);
    }

    [Fact]
    public void Too_many_waiters_and_those_after_an_invalidation_fetch_alone()
    {
        Join(1, 1, 10).ShouldBe(CoalescingRole.Leader);
        _table.Join(CallCacheTests.Key(1), 1, new(2, "", Now.AddSeconds(10))).ShouldBe(CoalescingRole.Alone);
        Join(1, 2, 10).ShouldBe(CoalescingRole.Waiter);
        Join(1, 3, 10).ShouldBe(CoalescingRole.Waiter);
        Join(1, 4, 10).ShouldBe(CoalescingRole.Waiter);
        Join(1, 5, 10).ShouldBe(CoalescingRole.Alone);
        _table.Complete(5).ShouldBeEmpty();
        Join(2, 6, 10).ShouldBe(CoalescingRole.Leader);
        Should.Throw<InvalidOperationException>(() => Join(2, 6, 10));
    }

    [Property(MaxTest = 1000, EndSize = 300)]
    public void At_most_one_leads_each_answer_and_every_call_hears_its_end_once(byte[] script)
    {
        var table = new CoalescingTable<int>(maxWaiters: 6);
        var signals = new List<CoalescingSignal<int>>();
        var leaders = new Dictionary<CacheKey, long>();
        var waiting = new Dictionary<long, CacheKey>();
        var now = Now;
        for (var call = 0; call < script.Length; call++)
        {
            var detail = script[call] / 6;
            var key = CallCacheTests.Key(detail % 3);
            switch (script[call] % 6)
            {
                case 0 or 1 or 2:
                    var role = table.Join(key, 0, new(call, call, now.AddMilliseconds(100 + (detail * 20))));
                    if (role == CoalescingRole.Leader)
                    {
                        leaders.TryAdd(key, call).ShouldBeTrue("two leaders");
                    }
                    else if (role == CoalescingRole.Waiter)
                    {
                        leaders.ShouldContainKey(key);
                        waiting.Add(call, key);
                    }

                    break;
                case 3 when leaders.Remove(key, out var leader):
                    table.Complete(leader).All(told => waiting.Remove(told.CallId)).ShouldBeTrue();
                    waiting.ContainsValue(key).ShouldBeFalse();
                    break;
                case 4 when leaders.Remove(key, out var failed):
                    table.Leave(failed, now, signals).ShouldBeTrue();
                    break;
                default:
                    now = now.AddMilliseconds(detail * 10);
                    table.Tick(now, signals);
                    foreach (var gone in leaders.Where(pair => !Leads(table, pair.Key, pair.Value, signals)).ToArray())
                    {
                        leaders.Remove(gone.Key);
                    }

                    break;
            }

            foreach (var signal in signals)
            {
                waiting.Remove(signal.Call.CallId).ShouldBeTrue();
                if (signal.Promoted)
                {
                    leaders.TryAdd(signal.Key, signal.Call.CallId).ShouldBeTrue("two leaders");
                }
            }

            signals.Clear();
            (table.Leaders, table.Waiters).ShouldBe((leaders.Count, waiting.Count));
        }
    }

    // A lost leader was replaced, or nobody fetches any more.
    private static bool Leads(CoalescingTable<int> table, CacheKey key, long leader, List<CoalescingSignal<int>> signals) =>
        table.IsFetching(key) && !signals.Any(signal => signal.Promoted && signal.Key == key && signal.Call.CallId != leader);

    private CoalescingRole Join(int key, long call, double seconds) =>
        _table.Join(CallCacheTests.Key(key), 0, new(call, "", Now.AddSeconds(seconds)));
}
