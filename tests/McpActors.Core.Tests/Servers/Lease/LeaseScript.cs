using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;

namespace McpActors.Core.Tests.Servers.Lease;

/// <summary>
/// A script of bytes over an owner and three holders: calls, ends, reports, deliveries in any order, losses, repetitions, time, new owners.
/// Short, so that FsCheck can shrink it; the simulation is where time, clocks and partitions are.
/// </summary>
internal sealed class LeaseScript
{
    private static readonly LeaseOptions Options = new() { Ttl = TimeSpan.FromSeconds(2), Grace = TimeSpan.FromSeconds(4), IdleRelease = TimeSpan.FromHours(1) };

    private readonly LeasePair _pair = new(holders: 3, permits: 12, Options, settled: false);
    private readonly List<object> _mail = [];
    private readonly List<(int Holder, long Call, LeaseTicket Ticket, bool Outlived)> _running = [];
    private readonly Dictionary<int, LeaseEpoch> _newest = [];
    private readonly HashSet<int> _openAt = [];
    private readonly List<DateTimeOffset> _owners;

    internal LeaseScript() => _owners = [_pair.Now];

    internal void Step(byte step)
    {
        var detail = step / 8;
        switch (step % 8)
        {
            case 0 or 1:
                Begin(detail % 3);
                break;
            case 2:
                End(detail);
                break;
            case 3:
                _mail.Add(_pair.Report(detail % 3));
                break;
            case 4 or 5:
                Deliver(detail);
                break;
            case 6:
                Advance(detail * 0.1);
                break;
            default:
                Fault(detail);
                break;
        }
    }

    internal void Check()
    {
        var takeovers = _owners.Count(started => _pair.Now - started < Options.Validity + Options.Margin + TimeSpan.FromMinutes(1));
        var sum = Enumerable.Range(0, 3).Sum(Used);
        sum.ShouldBeLessThanOrEqualTo(_pair.Permits + (takeovers * Options.SlackOf(_pair.Permits)));
    }

    /// <summary>When all calls have ended and all leases had their time, every permit is with somebody who may use it.</summary>
    internal void Settle()
    {
        _mail.Clear();
        while (_running.Count > 0)
        {
            End(0);
        }

        for (var i = 0; i < 80; i++)
        {
            Advance(0.3);
            if (_pair.Circuit.State.Phase != CircuitPhase.Closed)
            {
                _pair.Circuit.Reset("test", _pair.Now);
            }

            _pair.Owner.Sync(_pair.Now);
            _pair.DeliverAll();
            _pair.Round(0, 1, 2);
        }

        _pair.Owner.Legacy.ShouldBe(0);
        (_pair.Owner.Leased + _pair.Owner.OwnLimit).ShouldBe(_pair.Permits);
        Enumerable.Range(0, 3).Sum(_pair.PermitsOf).ShouldBe(_pair.Owner.Leased);
        Enumerable.Range(0, 3).ShouldAllBe(holder => _pair.PermitsOf(holder) > 0);
    }

    private int Used(int holder) => _pair.PermitsOf(holder) == 0 && !IsLive(holder)
        ? 0
        : Math.Max(_pair.PermitsOf(holder), _running.Count(call => call.Holder == holder && !call.Outlived));

    private bool IsLive(int holder) => _pair.Now < _pair.Holders[holder].Snapshot(_pair.Now).GoodUntil;

    private void Begin(int holder)
    {
        var admission = _pair.Call(holder, out var call);
        if (admission.IsAdmitted)
        {
            IsLive(holder).ShouldBeTrue("admitted after ttl and grace");
            _openAt.ShouldNotContain(holder, "admitted though the newest message said open");
            _running.Add((holder, call, admission.Ticket, false));
        }
        else if (admission.Verdict == LeaseVerdict.Queued)
        {
            _pair.Holders[holder].Leave(call, _pair.Now, []);
        }
    }

    private void End(int detail)
    {
        if (_running.Count == 0)
        {
            return;
        }

        var (holder, call, ticket, _) = _running[detail % _running.Count];
        _running.RemoveAt(detail % _running.Count);
        _pair.End(holder, call, ticket, detail % 5 == 4 ? AttemptResult.Timeout : AttemptResult.Success);
    }

    private void Deliver(int detail)
    {
        if (_mail.Count == 0)
        {
            return;
        }

        var at = detail % _mail.Count;
        var message = _mail[at];
        if (detail % 7 != 6)
        {
            _mail.RemoveAt(at);
        }

        if (message is LeaseReport report)
        {
            _pair.Receive(report);
            _mail.AddRange(_pair.Sent());
        }
        else if (message is LeaseGrant grant)
        {
            Apply(grant);
        }
    }

    private void Apply(LeaseGrant grant)
    {
        var holder = grant.Holder.Node[1] - '0';
        Outlive();
        var taken = _pair.Deliver(grant);
        taken.ShouldBe(grant.Epoch > _newest.GetValueOrDefault(holder));
        if (!taken)
        {
            return;
        }

        _newest[holder] = grant.Epoch;
        if (grant.Circuit.EffectivePhase == CircuitPhase.Closed)
        {
            _openAt.Remove(holder);
        }
        else
        {
            _openAt.Add(holder);
        }
    }

    private void Advance(double seconds)
    {
        _pair.Advance(seconds);
        _pair.Owner.Tick(_pair.Now);
        _mail.AddRange(_pair.Sent());
        Outlive();
    }

    private void Fault(int detail)
    {
        if (detail % 4 == 3)
        {
            _pair.NewOwner();
            _owners.Add(_pair.Now);
        }
        else if (_mail.Count > 0)
        {
            _mail.RemoveAt(detail % _mail.Count);
        }
    }

    // A call that runs on after its lease ended is no permit any more: it ends by its deadline.
    private void Outlive()
    {
        for (var i = 0; i < _running.Count; i++)
        {
            _running[i] = _running[i] with { Outlived = _running[i].Outlived || !IsLive(_running[i].Holder) };
        }
    }
}
