using FsCheck.Xunit;
using McpActors.Core.Servers.Bulkhead;

namespace McpActors.Core.Tests.Servers.Bulkhead;

/// <summary>Random arrivals, departures and time against a plain list.</summary>
public sealed class BulkheadProperties
{
    private static readonly BulkheadOptions Options = new() { Max = 3, Queue = 4, QueueTimeout = TimeSpan.FromSeconds(1) };

    [Property(MaxTest = 1000, EndSize = 400)]
    public void Permits_never_exceed_the_maximum_none_is_lost_or_granted_twice_and_order_is_kept(byte[] script)
    {
        var world = new World();
        foreach (var step in script)
        {
            world.Step(step);
        }

        world.Drain();
    }

    private sealed class World
    {
        private readonly Bulkhead<long> _bulkhead = new(Options);
        private readonly List<BulkheadSignal<long>> _signals = [];
        private readonly List<long> _inFlight = [];
        private readonly List<long> _waiting = [];
        private readonly HashSet<long> _granted = [];
        private DateTimeOffset _now = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);
        private long _nextCall;

        internal void Step(byte step)
        {
            var detail = step / 5;
            switch (step % 5)
            {
                case 0 or 1:
                    Enter(detail);
                    break;
                case 2 when _inFlight.Count > 0:
                    Leave(_inFlight, detail);
                    break;
                case 3 when _waiting.Count > 0 && detail % 4 == 0:
                    Leave(_waiting, detail);
                    break;
                default:
                    _now = _now.AddMilliseconds(detail * 50);
                    _bulkhead.Tick(_now, _signals);
                    break;
            }

            Absorb();
        }

        /// <summary>When everybody has left or is long overdue, all permits are free.</summary>
        internal void Drain()
        {
            _now = _now.AddHours(1);
            _bulkhead.Tick(_now, _signals);
            Absorb();
            _bulkhead.InFlight.ShouldBe(0);
            _bulkhead.Queued.ShouldBe(0);
            _bulkhead.NextTick.ShouldBeNull();
        }

        private void Enter(int detail)
        {
            var call = _nextCall++;
            var hadRoom = _inFlight.Count < Options.Max && _waiting.Count == 0;
            switch (_bulkhead.TryEnter(call, call, _now.AddMilliseconds(100 + (detail * 200)), _now).Verdict)
            {
                case BulkheadVerdict.Granted:
                    hadRoom.ShouldBeTrue();
                    Granted(call);
                    break;
                case BulkheadVerdict.Queued:
                    hadRoom.ShouldBeFalse();
                    _waiting.Add(call);
                    break;
                default:
                    _waiting.Count.ShouldBe(Options.Queue);
                    break;
            }
        }

        private void Leave(List<long> calls, int detail)
        {
            var call = calls[detail % calls.Count];
            calls.Remove(call);
            _bulkhead.Leave(call, _now, _signals).ShouldBeTrue();
            _bulkhead.Leave(call, _now, _signals).ShouldBeFalse();
        }

        private void Absorb()
        {
            foreach (var signal in _signals)
            {
                switch (signal.Kind)
                {
                    case BulkheadSignalKind.Granted:
                        signal.CallId.ShouldBe(_waiting[0], "first in, first out");
                        _waiting.RemoveAt(0);
                        Granted(signal.CallId);
                        break;
                    case BulkheadSignalKind.TimedOut:
                        _waiting.Remove(signal.CallId).ShouldBeTrue();
                        break;
                    default:
                        _inFlight.Remove(signal.CallId).ShouldBeTrue();
                        break;
                }
            }

            _signals.Clear();
            _bulkhead.InFlight.ShouldBe(_inFlight.Count);
            _bulkhead.Queued.ShouldBe(_waiting.Count);
            _inFlight.Count.ShouldBeLessThanOrEqualTo(Options.Max);
            (_waiting.Count > 0 && _inFlight.Count < Options.Max).ShouldBeFalse("a permit lies idle while a call waits");
        }

        private void Granted(long call)
        {
            _granted.Add(call).ShouldBeTrue("granted twice");
            _inFlight.Add(call);
        }
    }
}
