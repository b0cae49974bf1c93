using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Cluster.Tests.Lifecycle;

public sealed class DrainGateTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly DrainGate _gate;
    private readonly TemporaryFolder _folder = new();

    public DrainGateTests() => _gate = new DrainGate(_time);

    [Fact]
    public async Task Calls_in_hand_are_awaited_and_new_ones_refused()
    {
        var first = _gate.TryEnter().ShouldNotBeNull();
        var second = _gate.TryEnter().ShouldNotBeNull();
        _gate.Begin();

        _gate.TryEnter().ShouldBeNull();
        _gate.Draining.ShouldBeTrue();
        _gate.Started.IsCancellationRequested.ShouldBeTrue();
        _gate.InFlight.ShouldBe(2);
        var idle = _gate.WaitIdleAsync(TimeSpan.FromSeconds(60));
        first.Dispose();
        first.Dispose();
        idle.IsCompleted.ShouldBeFalse();
        second.Dispose();

        (await idle).ShouldBeTrue();
        _gate.InFlight.ShouldBe(0);
        _gate.Expired.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Node_that_is_cut_off_refuses_calls_and_takes_them_again_afterwards()
    {
        var before = _gate.TryEnter().ShouldNotBeNull();
        _gate.IsCutOff = true;
        _gate.TryEnter().ShouldBeNull();
        _gate.Draining.ShouldBeFalse("it does not leave");

        _gate.IsCutOff = false;
        _gate.TryEnter().ShouldNotBeNull().Dispose();
        before.Dispose();
        _gate.Begin();
        (await _gate.WaitIdleAsync(TimeSpan.FromSeconds(60))).ShouldBeTrue("what was refused is not waited for");
    }

    [Fact]
    public void Node_that_says_it_leaves_still_takes_calls_until_it_drains()
    {
        _gate.Announce();

        _gate.Draining.ShouldBeTrue();
        _gate.Started.IsCancellationRequested.ShouldBeFalse();
        using var late = _gate.TryEnter().ShouldNotBeNull();
        _gate.Begin();
        _gate.TryEnter().ShouldBeNull();
    }

    [Fact]
    public async Task Call_that_outlasts_the_drain_time_is_given_up()
    {
        using var call = _gate.TryEnter();
        _gate.Begin();
        var idle = _gate.WaitIdleAsync(TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(60));

        (await idle).ShouldBeFalse();
        _gate.Expired.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_waited_for_after_the_hand_over_has_the_rest_of_the_drain_time()
    {
        var ended = new TaskCompletionSource();
        _gate.OnHandedOver(ct => ended.Task.WaitAsync(ct));
        _gate.Begin();
        _time.Advance(TimeSpan.FromSeconds(40));
        var waiting = _gate.WaitHandedOverAsync(TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(19));
        waiting.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        (await waiting).ShouldBeFalse();
        ended.SetResult();
        (await _gate.WaitHandedOverAsync(TimeSpan.FromSeconds(90))).ShouldBeTrue();
    }

    [Fact]
    public async Task No_call_slips_between_the_count_and_the_beginning()
    {
        for (var round = 0; round < 200; round++)
        {
            using var gate = new DrainGate(TimeProvider.System);
            var entered = 0;
            var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                while (gate.TryEnter() is { } call)
                {
                    Interlocked.Increment(ref entered);
                    Interlocked.Decrement(ref entered);
                    call.Dispose();
                }
            })).ToArray();
            gate.Begin();
            (await gate.WaitIdleAsync(TimeSpan.FromSeconds(10))).ShouldBeTrue();
            Volatile.Read(ref entered).ShouldBe(0);
            await Task.WhenAll(callers);
        }
    }

    [Fact]
    public async Task Stopping_node_finishes_calls_then_closes_connections_then_ends()
    {
        var order = new List<string>();
        var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")));
        var drain = node.Get<IDrain>();
        var call = drain.TryEnter().ShouldNotBeNull();
        drain.OnDrained(_ =>
        {
            lock (order)
                order.Add("closed");
            return Task.CompletedTask;
        });
        drain.Started.Register(() => _ = Task.Run(() =>
        {
            lock (order)
                order.Add("answered");
            call.Dispose();
        }));

        await node.StopAsync();

        order.ShouldBe(["answered", "closed"]);
        node.System.WhenTerminated.IsCompleted.ShouldBeTrue();
    }

    public void Dispose()
    {
        _gate.Dispose();
        _folder.Dispose();
    }
}
