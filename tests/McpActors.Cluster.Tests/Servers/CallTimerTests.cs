using McpActors.Cluster.Servers;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Cluster.Tests.Servers;

public sealed class CallTimerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CallTimer.Pool _pool;

    public CallTimerTests() => _pool = new CallTimer.Pool(_time);

    [Fact]
    public void It_fires_at_its_time_and_not_before()
    {
        using var timer = _pool.Start(TimeSpan.FromSeconds(2), CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(1_999));
        timer.Token.IsCancellationRequested.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(2));
        timer.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void It_fires_when_the_caller_leaves()
    {
        using var caller = new CancellationTokenSource();
        using var timer = _pool.Start(TimeSpan.FromSeconds(2), caller.Token);
        caller.Cancel();
        timer.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void A_timer_that_is_used_again_has_only_its_new_time_and_its_new_caller()
    {
        using var first = new CancellationTokenSource();
        var used = _pool.Start(TimeSpan.FromSeconds(2), first.Token);
        used.Dispose();
        using var again = _pool.Start(TimeSpan.FromSeconds(10), CancellationToken.None);
        again.ShouldBeSameAs(used);
        first.Cancel();
        _time.Advance(TimeSpan.FromSeconds(9));
        again.Token.IsCancellationRequested.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));
        again.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void A_timer_that_fired_is_never_used_again()
    {
        var fired = _pool.Start(TimeSpan.FromSeconds(1), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(2));
        fired.Dispose();
        using var next = _pool.Start(TimeSpan.FromSeconds(1), CancellationToken.None);
        next.ShouldNotBeSameAs(fired);
        next.Token.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Many_uses_at_once_never_disturb_each_other()
    {
        var pool = new CallTimer.Pool(TimeProvider.System);
        var spurious = 0;
        await Parallel.ForAsync(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, (i, _) =>
        {
            using var timer = pool.Start(i % 5 == 0 ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromMinutes(5), CancellationToken.None);
            if (i % 5 != 0 && timer.Token.IsCancellationRequested)
                Interlocked.Increment(ref spurious);
            return ValueTask.CompletedTask;
        });
        spurious.ShouldBe(0);
    }
}
