using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;

namespace McpActors.Core.Tests.Servers.Bulkhead;

public sealed class BulkheadTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Deadline = Now.AddSeconds(55);
    private readonly Bulkhead<string> _bulkhead = new(new BulkheadOptions { Max = 2, Queue = 2, QueueTimeout = TimeSpan.FromSeconds(1) });
    private readonly List<BulkheadSignal<string>> _signals = [];

    [Fact]
    public void Calls_beyond_the_maximum_wait_and_beyond_the_queue_are_rejected()
    {
        Enter(1, 2, 3, 4).ShouldBe([BulkheadVerdict.Granted, BulkheadVerdict.Granted, BulkheadVerdict.Queued, BulkheadVerdict.Queued]);
        var rejected = _bulkhead.TryEnter(5, "5", Deadline, Now);
        rejected.Verdict.ShouldBe(BulkheadVerdict.QueueFull);
        rejected.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        _bulkhead.InFlight.ShouldBe(2);
        _bulkhead.Queued.ShouldBe(2);
    }

    [Fact]
    public void Returned_permit_goes_to_the_call_that_waits_for_longest()
    {
        Enter(1, 2, 3, 4);
        _bulkhead.Leave(2, Now, _signals).ShouldBeTrue();
        _signals.ShouldBe([new(BulkheadSignalKind.Granted, 3, "3")]);
        _bulkhead.Leave(2, Now, _signals).ShouldBeFalse();
        _bulkhead.InFlight.ShouldBe(2);
    }

    [Fact]
    public void Estimate_follows_how_long_permits_were_held()
    {
        Enter(1, 2);
        _bulkhead.Leave(1, Now.AddSeconds(4), _signals);
        Enter(3, 4, 5);
        _bulkhead.TryEnter(6, "6", Deadline, Now).RetryAfter.ShouldBe(TimeSpan.FromSeconds(6), "two wait before it, two at a time, 4 s each");
    }

    [Fact]
    public void Waiting_ends_with_the_queue_timeout_or_the_deadline()
    {
        Enter(1, 2, 3);
        _bulkhead.TryEnter(4, "4", Now.AddSeconds(0.5), Now).Verdict.ShouldBe(BulkheadVerdict.Queued);
        _bulkhead.NextTick.ShouldBe(Now.AddSeconds(0.5));
        _bulkhead.Tick(Now.AddSeconds(0.5), _signals);
        _signals.ShouldBe([new(BulkheadSignalKind.TimedOut, 4, "4")]);
        _bulkhead.NextTick.ShouldBe(Now.AddSeconds(1));
        _bulkhead.Tick(Now.AddSeconds(1), _signals);
        _signals[^1].ShouldBe(new(BulkheadSignalKind.TimedOut, 3, "3"));
        _bulkhead.Queued.ShouldBe(0);
    }

    [Fact]
    public void Permit_that_comes_too_late_for_a_waiter_goes_to_the_next()
    {
        Enter(1, 2, 3);
        _bulkhead.TryEnter(4, "4", Deadline, Now.AddSeconds(0.9));
        _bulkhead.Leave(1, Now.AddSeconds(1), _signals);
        _signals.ShouldBe([new(BulkheadSignalKind.TimedOut, 3, "3"), new(BulkheadSignalKind.Granted, 4, "4")]);
    }

    [Fact]
    public void Permit_of_a_lost_carrier_comes_back_after_the_deadline_and_its_grace()
    {
        _bulkhead.TryEnter(1, "1", Now.AddSeconds(2), Now);
        _bulkhead.TryEnter(2, "2", Now.AddSeconds(10), Now);
        _bulkhead.Extend(2, Deadline).ShouldBeTrue();
        _bulkhead.Extend(9, Deadline).ShouldBeFalse();
        _bulkhead.TryEnter(3, "3", Deadline, Now.AddSeconds(6.9));
        _bulkhead.Tick(Now.AddSeconds(6.999), _signals);
        _signals.ShouldBeEmpty();
        _bulkhead.Tick(Now.AddSeconds(7), _signals);
        _signals.ShouldBe([new(BulkheadSignalKind.PermitLost, 1, null), new(BulkheadSignalKind.Granted, 3, "3")]);
        _bulkhead.NextTick.ShouldBe(Deadline + Bulkhead<string>.Grace);
    }

    [Fact]
    public void Call_that_leaves_the_queue_is_not_granted()
    {
        Enter(1, 2, 3, 4);
        _bulkhead.Leave(3, Now, _signals).ShouldBeTrue();
        _bulkhead.Leave(1, Now, _signals);
        _signals.ShouldBe([new(BulkheadSignalKind.Granted, 4, "4")]);
    }

    [Fact]
    public void Call_may_be_here_only_once_and_not_after_its_deadline()
    {
        Enter(1, 2, 3);
        Should.Throw<InvalidOperationException>(() => Enter(1));
        Should.Throw<InvalidOperationException>(() => Enter(3));
        _bulkhead.TryEnter(9, "9", Now, Now).Verdict.ShouldBe(BulkheadVerdict.DeadlinePassed);
    }

    [Fact]
    public void New_settings_grant_more_at_once_and_fewer_by_and_by()
    {
        Enter(1, 2, 3, 4);
        _bulkhead.Reconfigure(new BulkheadOptions { Max = 4, Queue = 3 });
        Enter(9).ShouldBe([BulkheadVerdict.Queued], "who waits has come first");
        _bulkhead.Leave(9, Now, _signals);
        _bulkhead.Tick(Now, _signals);
        _signals.Select(signal => signal.CallId).ShouldBe([3, 4]);
        _bulkhead.Reconfigure(new BulkheadOptions { Max = 1, Queue = 2 });
        Enter(5).ShouldBe([BulkheadVerdict.Queued]);
        _signals.Clear();
        _bulkhead.Leave(1, Now, _signals);
        _bulkhead.Leave(2, Now, _signals);
        _bulkhead.Leave(3, Now, _signals);
        _signals.ShouldBeEmpty();
        _bulkhead.Leave(4, Now, _signals);
        _signals.ShouldHaveSingleItem().CallId.ShouldBe(5);
    }

    [Fact]
    public void Defaults_keep_their_rules() => BulkheadOptions.Rules.Broken(BulkheadOptions.Default).ShouldBeEmpty();

    private BulkheadVerdict[] Enter(params long[] calls) =>
        calls.Select(call => _bulkhead.TryEnter(call, call.ToString(System.Globalization.CultureInfo.InvariantCulture), Deadline, Now).Verdict).ToArray();
}
