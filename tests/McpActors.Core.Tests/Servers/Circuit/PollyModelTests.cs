using FsCheck.Xunit;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.CircuitBreaker;
using CircuitState = Polly.CircuitBreaker.CircuitState;

namespace McpActors.Core.Tests.Servers.Circuit;

/// <summary>
/// Drives Polly's circuit breaker and ours with the same random scripts on one fake clock. Left out are the listed differences: cancelled and unclassified
/// probes, hung probes, slow calls, failures in a row, growing open time, and results of an older phase outside an open circuit.
/// </summary>
public sealed class PollyModelTests
{
    [Property(MaxTest = 2000, EndSize = 400)]
    public bool Agrees_with_Polly_on_every_admission_and_state(byte[] script) => Agrees(script);

    [Fact]
    public void Agrees_with_Polly_on_many_long_scripts()
    {
        var random = new Random(20260728);
        for (var run = 0; run < 1000; run++)
        {
            var script = new byte[100];
            random.NextBytes(script);
            Agrees(script).ShouldBeTrue($"run {run}");
        }
    }

    private static bool Agrees(byte[] script)
    {
        // Continuations must run on this thread, so that a script is one sequence.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var pair = new Pair();
            foreach (var step in script)
            {
                pair.Step(step);
            }

            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Polly's breaker and ours, side by side.</summary>
    private sealed class Pair
    {
        // Around the parts of the window (1 s), the open time (5 s) and the window (10 s).
        private static readonly int[] Steps = [1, 499, 500, 999, 1000, 1001, 4999, 5000, 9000, 10_000];

        private readonly FakeTimeProvider _time = new(CircuitDriver.Start);
        private readonly CircuitBreakerStateProvider _pollyState = new();
        private readonly CircuitBreakerManualControl _pollyControl = new();
        private readonly CircuitDriver _ours = new(CircuitDriver.LikePolly with { HalfOpenMaxWait = TimeSpan.FromDays(1) });
        private readonly List<Call> _open = [];
        private readonly ResiliencePipeline _polly;

        internal Pair() => _polly = new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = CircuitDriver.LikePolly.FailureRate,
                MinimumThroughput = CircuitDriver.LikePolly.MinimumCalls,
                SamplingDuration = CircuitDriver.LikePolly.Window,
                BreakDuration = CircuitDriver.LikePolly.OpenFor,
                ShouldHandle = args => new ValueTask<bool>(args.Outcome.Exception is TimeoutException),
                StateProvider = _pollyState,
                ManualControl = _pollyControl,
            }).Build();

        internal void Step(byte step)
        {
            var detail = step / 8;
            switch (step % 8)
            {
                case 0 or 1:
                    Run(fails: true);
                    break;
                case 2:
                    Run(fails: false);
                    break;
                case 3:
                    Begin();
                    break;
                case 4 or 5:
                    End(detail);
                    break;
                case 6:
                    _time.Advance(TimeSpan.FromMilliseconds(Steps[detail % Steps.Length]));
                    break;
                default:
                    Operate(detail);
                    break;
            }

            Compare();
        }

        private void Run(bool fails)
        {
            if (Begin() is { } call)
            {
                Finish(call, fails);
            }
        }

        private Call? Begin()
        {
            _ours.Now = _time.GetUtcNow();
            var admission = _ours.Admit();
            var gate = new TaskCompletionSource();
            var started = false;
            var task = _polly.ExecuteAsync(_ =>
            {
                started = true;
                return new ValueTask(gate.Task);
            }).AsTask();
            started.ShouldBe(admission.Allowed);
            if (!started)
            {
                var rejected = Should.Throw<BrokenCircuitException>(() => task.GetAwaiter().GetResult());
                if (admission.Rejection == CircuitRejection.Open)
                {
                    admission.RetryAfter.ShouldBe(rejected.RetryAfter);
                }

                return null;
            }

            var call = new Call(admission.Ticket, gate, task);
            _open.Add(call);
            return call;
        }

        // A late result changes nothing with Polly either, as long as the circuit is open; elsewhere Polly lets it count, which is a listed difference.
        private void End(int detail)
        {
            var candidates = _open.Where(c => c.Ticket.Epoch == CurrentEpoch || _ours.Machine.State.EffectivePhase == CircuitPhase.Open).ToArray();
            if (candidates.Length > 0)
            {
                Finish(candidates[detail / 2 % candidates.Length], fails: detail % 2 == 0);
            }
        }

        // The epoch is not shown; it advances with each transition.
        private long CurrentEpoch => 1 + _ours.Events.Count;

        private void Finish(Call call, bool fails)
        {
            _open.Remove(call);
            _ours.Now = _time.GetUtcNow();
            _ours.End(call.Ticket, fails ? CircuitVerdict.Failure : CircuitVerdict.Success);
            if (fails)
            {
                call.Gate.SetException(new TimeoutException());
                Should.Throw<TimeoutException>(() => call.Task.GetAwaiter().GetResult());
            }
            else
            {
                call.Gate.SetResult();
                call.Task.GetAwaiter().GetResult();
            }
        }

        private void Operate(int detail)
        {
            _ours.Now = _time.GetUtcNow();
            if (detail % 8 == 0)
            {
                _pollyControl.IsolateAsync().GetAwaiter().GetResult();
                _ours.Keep(_ours.Machine.SetMode(CircuitMode.ForcedOpen, "", null, _ours.Now));
            }
            else if (detail % 8 == 1)
            {
                _pollyControl.CloseAsync().GetAwaiter().GetResult();
                _ours.Keep(_ours.Machine.Reset("", _ours.Now));
            }
        }

        private void Compare()
        {
            var expected = _pollyState.CircuitState switch
            {
                CircuitState.Isolated or CircuitState.Open => CircuitPhase.Open,
                CircuitState.HalfOpen => CircuitPhase.HalfOpen,
                _ => CircuitPhase.Closed,
            };
            _ours.Machine.State.EffectivePhase.ShouldBe(expected);
            (_ours.Machine.State.Mode == CircuitMode.ForcedOpen).ShouldBe(_pollyState.CircuitState == CircuitState.Isolated);
        }

        private sealed record Call(CircuitTicket Ticket, TaskCompletionSource Gate, Task Task);
    }
}
