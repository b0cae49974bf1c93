using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Slots;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

// Replicas of one server: where a call goes, what its failure says of whom, and which replicas are connected without being asked.
// A server without replicas has no balancer, and everything here is nothing to it.
public sealed partial class ServerDecider
{
    /// <summary>Where nobody brings randomness along: half of the spread of a wait.</summary>
    private const double FixedSpread = 0.5;

    private ReplicaBalancer? _replicas;
    private ReplicaNote[] _notes = [];
    private ReplicaHealth _health = new(0);
    private DateTimeOffset? _trialAt;
    private DateTimeOffset _lastWanted;

    // Where nobody was there when last tried, as a set of bits.
    private ulong _unreachable;

    // Refused because they speak another era than the rest, as a set of bits: a node that connects by itself would not notice, so there are no leases meanwhile.
    private ulong _otherEra;

    private ulong AllReplicas => ulong.MaxValue >> (64 - _settings.Replicas.Count);

    // For a server without replicas one refused connection is all of them.
    private bool AllUnreachable => _replicas is null || _unreachable == AllReplicas;

    private void ReplaceReplicas()
    {
        var replicas = _settings.Replicas;
        _replicas = replicas.Count > 1 ? new ReplicaBalancer([.. replicas.Select(replica => replica.Weight)], EjectionOptions.Default) : null;
        _notes = new ReplicaNote[replicas.Count];
        _health = new ReplicaHealth(replicas.Count);
        _unreachable = 0;
        _otherEra = 0;
        _trialAt = null;
    }

    // Calls on their way keep their connection, and the balancer that counts them, to the end.
    private void ReconfigureReplicas(ServerSettings before, DateTimeOffset now)
    {
        if (before.Replicas.Select(replica => replica.Address).SequenceEqual(_settings.Replicas.Select(replica => replica.Address)))
        {
            _replicas?.Reweigh([.. _settings.Replicas.Select(replica => replica.Weight)]);
            return;
        }

        var waiting = _slots.Replace(_settings.Replicas.Count, "other replicas are configured", now);
        ReplaceReplicas();
        foreach (var call in waiting)
        {
            _waits.Remove(call);
            StopWaiting(call);
            call.FailedAt = 0;
            call.Phase = CallPhase.Deciding;
            Enter(call, now);
        }
    }

    // The slot for a call's next attempt; with replicas it is counted there from now on.
    private Slot SlotOf(PendingCall call, DateTimeOffset now)
    {
        var key = call.Intent.Slot;
        if (_replicas is not { } replicas)
        {
            return _slots.For(key);
        }

        _lastWanted = now;
        call.HeldBy = replicas;
        if (_slots.IsShared(key))
        {
            call.Endpoint = replicas.Pick(HintsFor(call, now), now, out var tried);
            Tell(tried);
            return _slots.SharedAt(call.Endpoint);
        }

        var slot = _slots.For(key);
        if (Stays(slot, call))
        {
            call.Endpoint = slot.Endpoint;
            Tell(replicas.Hold(call.Endpoint, now));
            return slot;
        }

        var avoid = call.FailedAt | _health.Unhealthy(now) | (slot.Phase == SlotPhase.BackingOff ? ReplicaHints.Only(slot.Endpoint) : 0);
        call.Endpoint = replicas.Pick(new ReplicaHints(_unreachable, 0, avoid), now, out var change);
        Tell(change);
        if ((_unreachable & ReplicaHints.Only(call.Endpoint)) == 0 || slot.Phase == SlotPhase.Vacant)
        {
            slot.MoveTo(call.Endpoint, now);
            return slot;
        }

        // Nobody is anywhere: it waits where it was.
        LeaveReplica(call);
        call.HeldBy = replicas;
        call.Endpoint = slot.Endpoint;
        Tell(replicas.Hold(call.Endpoint, now));
        return slot;
    }

    // What lives or is being opened stays where it is, and is opened again there unless there is something against it.
    private bool Stays(Slot slot, PendingCall call)
    {
        var there = ReplicaHints.Only(slot.Endpoint);
        return slot.Phase is SlotPhase.Ready or SlotPhase.Connecting || slot.Waiters.Count > 0
            || (slot is { Phase: SlotPhase.Vacant, WasOpen: true } && (_replicas!.InUse & ~_unreachable & ~call.FailedAt & there) != 0);
    }

    private ReplicaHints HintsFor(PendingCall call, DateTimeOffset now)
    {
        var (cold, waiting) = _slots.SharedState(now);
        var avoid = call.FailedAt | _health.Unhealthy(now);
        if (cold == 0)
        {
            return new ReplicaHints(0, 0, avoid);
        }

        var inUse = _replicas!.InUse;
        if ((cold & inUse & ~_slots.Background) != 0)
        {
            LookAfterReplicas(now);
        }

        var down = waiting | (_unreachable & cold);
        if ((inUse & ~down) == 0 && (AllReplicas & ~inUse & ~cold) == 0)
        {
            // Everything is down, and none that was left out is there instead: the one that is connected again soonest is the best there is.
            down &= ~SoonestOf(inUse);
        }

        return new ReplicaHints(down, cold, avoid);
    }

    private ulong SoonestOf(ulong set)
    {
        var soonest = -1;
        for (var i = 0; i < _settings.Replicas.Count; i++)
        {
            var slot = _slots.SharedAt(i);
            if ((set & ReplicaHints.Only(i)) != 0
                && (soonest < 0 || slot.Phase != SlotPhase.BackingOff || slot.RetryAt < _slots.SharedAt(soonest).RetryAt))
            {
                soonest = i;
                if (slot.Phase != SlotPhase.BackingOff)
                {
                    break;
                }
            }
        }

        return soonest < 0 ? 0 : ReplicaHints.Only(soonest);
    }

    // A call is no longer counted at a replica, and says nothing about it.
    private static void LeaveReplica(PendingCall call)
    {
        call.HeldBy?.Release(call.Endpoint);
        call.HeldBy = null;
    }

    // What an attempt says to the circuit. A failure that is its replica's own affair says nothing: the balancer acts on it, and callers are served by the others.
    private CircuitVerdict JudgeReplica(PendingCall call, in AttemptOutcome outcome, DateTimeOffset now)
    {
        if (call.HeldBy is not { } held)
        {
            return outcome.Verdict;
        }

        call.HeldBy = null;
        var change = held.Record(call.Endpoint, outcome, now);
        if (!ReferenceEquals(held, _replicas))
        {
            return outcome.Verdict;
        }

        Tell(change);
        _health.Called(call.Endpoint, now);
        NoteReached(call.Endpoint, outcome, now);
        if (outcome.Verdict != CircuitVerdict.Failure)
        {
            return outcome.Verdict;
        }

        call.FailedAt |= ReplicaHints.Only(call.Endpoint);
        LeaveEjected(change, now);
        return IsReplicasOwn(call.Endpoint, outcome, now) ? CircuitVerdict.NoVerdict : CircuitVerdict.Failure;
    }

    private bool IsReplicasOwn(int endpoint, in AttemptOutcome outcome, DateTimeOffset now) =>
        _replicas is { } replicas && outcome.Verdict == CircuitVerdict.Failure
        && (outcome.Unreachable ? !AllUnreachable : replicas.IsOutlier(endpoint, now));

    private void NoteReached(int endpoint, in AttemptOutcome outcome, DateTimeOffset now)
    {
        if (outcome.Unreachable)
        {
            _unreachable |= ReplicaHints.Only(endpoint);
        }
        else if (outcome.Sent && outcome.Verdict != CircuitVerdict.NoVerdict)
        {
            _unreachable &= ~ReplicaHints.Only(endpoint);
        }

        if (outcome.Verdict == CircuitVerdict.Failure)
        {
            _notes[endpoint] = new ReplicaNote(now, outcome.StatusCode is { } status ? $"HTTP {status}" : outcome.Result.ToString());
        }
    }

    // Nothing more is sent where nobody is; a session whose replica does badly for it too, though that is left out already, is opened elsewhere.
    private void LeaveUnreachable(Link link, PendingCall call, in AttemptOutcome outcome, double random, DateTimeOffset now)
    {
        if (_replicas is not { } replicas || outcome.Verdict != CircuitVerdict.Failure || link.Retired || link.Slot.Current != link)
        {
            return;
        }

        if (outcome.Unreachable)
        {
            _slots.Unreachable(link.Slot, new UpstreamFault("the replica cannot be reached"), random, now);
            LookAfterReplicas(now);
        }
        else if (link.Slot.Key != SlotKey.Shared && (replicas.InUse & ReplicaHints.Only(call.Endpoint)) == 0)
        {
            _slots.Retire(link.Slot, "its replica is left out", atOnce: false, now);
        }
    }

    private bool FailsOver(PendingCall call, in AttemptOutcome outcome, DateTimeOffset now) =>
        outcome.Unreachable && HasOtherReplica(call)
        && (!_slots.IsShared(call.Intent.Slot) || (_replicas!.InUse & ~_slots.SharedState(now).Cold & ~call.FailedAt) != 0);

    private bool HasOtherReplica(PendingCall call) => _replicas is { } replicas && (replicas.InUse & ~_unreachable & ~call.FailedAt) != 0;

    private void ReachedReplica(int endpoint)
    {
        _unreachable &= ~ReplicaHints.Only(endpoint);
        _otherEra &= ~ReplicaHints.Only(endpoint);
    }

    private void ReplicaNotConnected(int endpoint, in AttemptOutcome outcome, UpstreamFault fault, DateTimeOffset now)
    {
        if (_replicas is not { } replicas)
        {
            return;
        }

        NoteReached(endpoint, outcome, now);
        if (outcome.Verdict == CircuitVerdict.Failure)
        {
            _notes[endpoint] = new ReplicaNote(now, fault.ForOperators);
            Tell(replicas.NotConnected(endpoint, now));
        }
    }

    // Replicas of one server speak the same: how calls are sent, and whose session is whose, is decided for all of them together.
    private UpstreamFault? SpeaksOtherwise(ConnectionId id, PeerInfo peer)
    {
        if (_replicas is null || _slots.RememberedEra is not { } era || era.IsModern == peer.Revision.IsModern || _slots.Find(id) is not { } link
            || !_slots.All.Any(slot => slot.Phase == SlotPhase.Ready && slot.Endpoint != link.Endpoint))
        {
            return null;
        }

        _otherEra |= ReplicaHints.Only(link.Endpoint);
        return new UpstreamFault($"replica {link.Endpoint} speaks {peer.Revision.Text} while the others speak {era.Text}; replicas of one server must speak the same");
    }

    /// <summary>
    /// Keeps the replicas of a server in use connected, so that no call has to wait for that, and finds out whether one that was left out is back.
    /// </summary>
    private void LookAfterReplicas(DateTimeOffset now)
    {
        if (_replicas is not { } replicas)
        {
            return;
        }

        _trialAt = replicas.NextTrial(now);
        var inUse = _settings is { Enabled: true, Exists: true } && !_draining && _circuit.State.EffectivePhase != CircuitPhase.Open
            && (KeepsRunning || (_slots.AnyLive && (_settings.IdleStop <= TimeSpan.Zero || now - _lastWanted < _settings.IdleStop)));
        var wanted = inUse ? replicas.Due(now) | _unreachable : 0;
        if (inUse && (KeepsRunning || _slots.Shared.Any(slot => slot.Phase == SlotPhase.Ready)))
        {
            wanted |= replicas.InUse;
        }

        if ((replicas.InUse & ~_unreachable) != 0)
        {
            // One that is left out waits for its time, unless there is no other.
            wanted &= replicas.InUse | replicas.Due(now);
        }

        _slots.Background = wanted;
        for (var i = 0; wanted != 0 && i < replicas.Count; i++)
        {
            if ((wanted & ReplicaHints.Only(i)) != 0)
            {
                _slots.EnsureConnecting(_slots.SharedAt(i), now);
            }
        }
    }

    private void Tell(ReplicaChange? change)
    {
        if (change is not null)
        {
            Effects.Add(new ServerEffect.TellReplica(change));
        }
    }

    private readonly record struct ReplicaNote(DateTimeOffset At, string? Text);
}
