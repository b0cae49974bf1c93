using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Slots;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers;

// Connections and processes: opened, failed, lost, probed, idle.
public sealed partial class ServerDecider
{
    private DateTimeOffset? _probeAt;
    private DateTimeOffset? _idleAt;
    private HashSet<ConnectionId>? _probing;
    private ConnectionId? _proof;
    private int _probes;
    private long _sessionsHealed;
    private long _processesHealed;
    private long _connectionsHealed;

    /// <summary>A connection is open.</summary>
    public void Connected(ConnectionId id, PeerInfo peer, int? processId, DateTimeOffset now)
    {
        if (SpeaksOtherwise(id, peer) is { } strange)
        {
            Effects.Add(new ServerEffect.CloseConnection(id, strange.Text));
            ConnectFailed(id, new AttemptOutcome(AttemptResult.Malformed, Sent: false, FirstByte: false, TimeSpan.Zero), strange, FixedSpread, now);
            return;
        }

        var repairs = _slots.Find(id)?.Slot.Repairs;
        if (_slots.Opened(id, processId, now) is not { } slot)
        {
            ProbeEnded(id, now);
            return;
        }

        CountHealed(repairs);
        Meet(peer, now);
        slot = _slots.Stateless ? _slots.MergeIntoShared(slot, now) : slot;
        _probing?.Clear();
        _proof = id;
        ReachedReplica(slot.Endpoint);
        Follow(_circuit.TransportBack(now), now);
        _proof = null;
        LookAfterReplicas(now);
        FetchUnknownTools(now);
        ServeWaiters(slot, now);
        WatchIdle(now);
        Settle(now);
        AnswerSettled(now);
    }

    /// <summary>A connection could not be opened.</summary>
    /// <param name="id">Which.</param>
    /// <param name="outcome">How it ended; nothing was sent.</param>
    /// <param name="fault">Why.</param>
    /// <param name="random">In [0, 1).</param>
    /// <param name="now">The time.</param>
    public void ConnectFailed(ConnectionId id, AttemptOutcome outcome, UpstreamFault fault, double random, DateTimeOffset now)
    {
        ProbeEnded(id, now);
        if (_slots.Failed(id, fault, random, now) is not { } slot)
        {
            return;
        }

        _failures.Add(new FailureNote(now, "connect", outcome.Result, fault.ForOperators));
        ReplicaNotConnected(slot.Endpoint, outcome, fault, now);
        FailWaiters(slot, outcome, fault.Text, now);
        WatchIdle(now);
        if (_settings.IsProcess)
        {
            CountCrash(fault.Text, now);
        }

        LookAfterReplicas(now);
        Settle(now);
        AnswerSettled(now);
    }

    /// <summary>An open connection ended by itself.</summary>
    public void ConnectionClosed(ConnectionId id, UpstreamFault fault, int? exitCode, double random, DateTimeOffset now)
    {
        // One that is being opened tells by its result.
        if (_slots.Find(id) is { Slot.Phase: not SlotPhase.Connecting } or { Retired: true })
        {
            var told = exitCode is { } code ? fault with { Text = $"{fault.Text} (exit code {code})" } : fault;
            ConnectionLost(id, told, random, now);
        }

        Settle(now);
        AnswerSettled(now);
    }

    /// <summary>A client's session ended, and with it the upstream session or process that only it used.</summary>
    public void ReleaseSlot(SlotKey key, DateTimeOffset now)
    {
        if (_slots.Own(key) is { Waiters.Count: 0 } slot)
        {
            _slots.Remove(slot, "its client's session ended", now);
        }
    }

    private void ConnectionLost(ConnectionId id, UpstreamFault fault, double random, DateTimeOffset now)
    {
        var what = _settings.IsProcess ? HealedWhat.Process : HealedWhat.Connection;
        if (_slots.Lost(id, what, fault, random, now) is null)
        {
            return;
        }

        _failures.Add(new FailureNote(now, _settings.IsProcess ? "process" : "connection", AttemptResult.ProcessLost, fault.ForOperators));
        if (_settings.IsProcess)
        {
            CountCrash(fault.Text, now);
        }

        LookAfterReplicas(now);
        _slots.RetryDue(KeepsRunning, now);
    }

    private void CountCrash(string text, DateTimeOffset now)
    {
        if (_crashes.Add(now))
        {
            Follow(_circuit.CrashLoop($"the process ended {CrashWindow.Crashes} times within {CrashWindow.Window.TotalSeconds} s, last: {text}", now), now);
        }
    }

    private void Meet(PeerInfo peer, DateTimeOffset now)
    {
        var before = _state.Peer;
        var known = before is not null && before.Address == _settings.Address && before.Revision == peer.Revision && before.Instructions == peer.Instructions
            && before.Capabilities.Span.SequenceEqual(peer.Capabilities.Span)
            && before.ServerInfo.Span.SequenceEqual(peer.ServerInfo.Span);
        if (!known)
        {
            Record(new PeerLearned(Server, now, peer.Revision, peer.Capabilities, peer.ServerInfo, peer.Instructions, _settings.Address));
        }

        _slots.RememberedEra = peer.Revision;
        _slots.Stateless = !_settings.IsProcess && peer.Revision.IsModern;
        if (!known || _book.Peer is null)
        {
            _book.Meet(peer);
        }
    }

    private void ServeWaiters(Slot slot, DateTimeOffset now)
    {
        foreach (var call in TakeWaiters(slot))
        {
            call.Phase = CallPhase.Deciding;
            if (call.Fetches is { } kind && !_book.Offered.Has(kind))
            {
                // Known only now that the server has no such list.
                _book.Settled(kind);
                End(call, now);
            }
            else if (TakeTicket(call, now))
            {
                AwaitSlot(call, now);
            }
        }
    }

    private PendingCall[] TakeWaiters(Slot slot)
    {
        var waiters = slot.Waiters.ToArray();
        slot.Waiters.Clear();
        foreach (var call in waiters)
        {
            _waits.Remove(call);
            call.Phase = CallPhase.Deciding;
            call.WaitsAt = null;
            LeaveReplica(call);
        }

        return waiters;
    }

    // One failed connection is one failure, however many calls waited for it; and one retry, so the budget is not asked: the back-off bounds them.
    private void FailWaiters(Slot slot, in AttemptOutcome outcome, string text, DateTimeOffset now)
    {
        var waiters = TakeWaiters(slot);
        var ticket = waiters.Select(call => call.Ticket).FirstOrDefault(held => held is not null);
        foreach (var call in waiters)
        {
            call.LastOutcome = outcome;
            call.Attempts++;
            call.FailureText = text;
            call.FailedAt |= ReplicaHints.Only(slot.Endpoint);
        }

        if (ticket is { } sampled)
        {
            var verdict = IsReplicasOwn(slot.Endpoint, outcome, now) ? CircuitVerdict.NoVerdict : outcome.Verdict;
            Follow(_circuit.Record(new CircuitSample(sampled, verdict, outcome.Latency, outcome.Unreachable), now), now);
        }

        var ended = false;
        foreach (var call in waiters)
        {
            if (MayWaitAgain(call, slot, outcome))
            {
                Enter(call, now);
            }
            else
            {
                ended = true;
                Refuse(call, RejectReason.Unavailable, slot.RetryAt - now, text, now);
            }
        }

        if (ended && outcome.Unreachable && AllUnreachable && ticket is { } last)
        {
            Follow(_circuit.EndpointsRefused(last, now), now);
        }
    }

    private bool MayWaitAgain(PendingCall call, Slot slot, in AttemptOutcome outcome) =>
        call.Attempts < _settings.Retry.Attempts
        && (HasOtherReplica(call)
            || (outcome.Result is not (AttemptResult.AuthRejected or AttemptResult.Malformed or AttemptResult.TooLarge or AttemptResult.ProtocolError)
                && slot.RetryAt < call.Deadline));

    // A circuit that a lost transport opened is closed by finding out whether the server is back; a new connection is a probe without side effects.
    private void ProbeTransport(DateTimeOffset now)
    {
        if (_probeAt is not { } due || due > now)
        {
            return;
        }

        _probeAt = null;
        if (_circuit.State is not { Mode: CircuitMode.Auto, Phase: CircuitPhase.Open, OpenedByLostTransport: true } || !_settings.Enabled || _draining)
        {
            return;
        }

        _probing?.Clear();
        for (var i = 0; i < _settings.Replicas.Count; i++)
        {
            var slot = _slots.SharedAt(i);
            _slots.Retire(slot, "probed anew", atOnce: false, now);
            _slots.EnsureConnecting(slot, now);
            (_probing ??= []).Add(slot.Current!.Id);
        }
    }

    // One that was closed on the way tells nothing, but must not be waited for.
    private void ProbeEnded(ConnectionId id, DateTimeOffset now)
    {
        if (_probing is { } probing && probing.Remove(id) && probing.Count == 0)
        {
            _probes++;
            _probeAt = now + CircuitMachine.TransportProbeDelay(_probes);
        }
    }

    private void WatchIdle(DateTimeOffset now)
    {
        if (_settings.IdleStop > TimeSpan.Zero)
        {
            _idleAt ??= now + _settings.IdleStop;
        }
    }

    private void CloseIdle(DateTimeOffset now)
    {
        if (_idleAt <= now)
        {
            // While other nodes call under leases the server is in use, though not from here.
            _idleAt = LeasedInFlight > 0 ? now + _settings.IdleStop : _slots.CloseIdle(_settings.IdleStop, _settings.Eager, now);
        }
    }

    private void CountHealed(HealedWhat? what)
    {
        _sessionsHealed += what == HealedWhat.Session ? 1 : 0;
        _processesHealed += what == HealedWhat.Process ? 1 : 0;
        _connectionsHealed += what == HealedWhat.Connection ? 1 : 0;
    }
}
