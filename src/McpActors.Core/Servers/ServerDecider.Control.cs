using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Retry;
using McpActors.Core.Servers.Slots;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers;

// From outside the traffic: the past, new settings, operators, the end.
public sealed partial class ServerDecider
{
    /// <summary>How long a forced mode holds when the operator does not say: 1 h.</summary>
    public static readonly TimeSpan DefaultForcedTime = TimeSpan.FromHours(1);

    /// <summary>Takes over what the journal holds; may come after a time of serving without it, whose newer facts stand.</summary>
    public void Recover(ServerState journalled, DateTimeOffset now)
    {
        var local = _state;
        Recovered = true;
        journalled = Storable(journalled);
        _state = journalled;
        var merged = _circuit.Restore(journalled.Circuit, now);
        for (var i = 0; i < merged.Count; i++)
        {
            Record(new CircuitChanged(Server, merged[i], _state.Circuit.Evolve(merged[i])));
        }

        if (local.Peer is { } met)
        {
            _state = _state.Evolve(met);
        }
        else if (journalled.Peer is { } peer)
        {
            Recall(peer, now);
        }

        foreach (var list in journalled.Lists.Values)
        {
            _book.Recall(new ListCopy(list.Kind, ListJson.Split(list.Items.Span, list.Kind), list.At, list.Ttl, list.Scope, list.Hash));
        }

        foreach (var learnt in local.Lists.Values)
        {
            _state = _state.Evolve(learnt);
        }

        if (_circuit.State is { Mode: CircuitMode.Auto, Phase: CircuitPhase.Open, OpenedByLostTransport: true })
        {
            _probeAt = now + CircuitMachine.TransportProbeDelay(0);
        }

        Begin(now);
        Settle(now);
        AnswerSettled(now);
    }

    /// <summary>Starts what is to run without being asked.</summary>
    public void Begin(DateTimeOffset now)
    {
        if (KeepsRunning)
        {
            for (var i = 0; i < _settings.Replicas.Count; i++)
            {
                _slots.EnsureConnecting(_slots.SharedAt(i), now);
            }
        }
    }

    /// <summary>The definition changed, or is gone. Calls on their way keep their connection to the end.</summary>
    public void Reconfigure(ServerSettings settings, DateTimeOffset now)
    {
        var before = _settings;
        _settings = settings;
        ReconfigureMachines(before, settings);
        if (!settings.Enabled)
        {
            // Before anything else, because a call that goes on would have a connection opened by a definition that is not there.
            var (reason, text) = Stopped;
            RefuseAllWaiting(reason, text, now);
        }

        if (settings.ConnectionFingerprint != before.ConnectionFingerprint && settings.Exists)
        {
            Record(new DefinitionChanged(Server, now));
            _slots.RememberedEra = null;
            _slots.Stateless = false;
            _slots.RetireAll("the definition changed", atOnce: false, now, opening: true);
            _book.MarkAllStale();
            ClearLists(keepForErrors: true);
        }

        ReconfigureReplicas(before, now);
        if (!settings.Enabled)
        {
            _slots.RetireAll(settings.Exists ? "disabled" : "removed", atOnce: false, now, opening: true);
        }

        Begin(now);
        LookAfterReplicas(now);
        _slots.RetryDue(KeepsRunning, now);
        Settle(now);
        AnswerSettled(now, all: !settings.Enabled);
    }

    /// <summary>The actor is to stop: nothing new is admitted and what waits is refused. Calls that run go on until <see cref="CloseAll"/>.</summary>
    public void Drain(DateTimeOffset now)
    {
        _draining = true;
        RefuseAllWaiting(RejectReason.Draining, $"server '{Server}' is moving to another node", now);
        Settle(now);
        AnswerSettled(now, all: true);
    }

    /// <summary>The connections that calls are on, each with the latest of their deadlines: when the actor moves, they are left to those calls.</summary>
    public IReadOnlyDictionary<ConnectionId, DateTimeOffset> BusyConnections()
    {
        var busy = new Dictionary<ConnectionId, DateTimeOffset>();
        // Lists that the actor itself fetches end with it.
        foreach (var call in _calls.All.Where(call => call is { Phase: CallPhase.Running, Fetches: null }))
        {
            if (!busy.TryGetValue(call.Connection, out var latest) || latest < call.Deadline)
            {
                busy[call.Connection] = call.Deadline;
            }
        }

        return busy;
    }

    /// <summary>Closes every connection and ends every process at once.</summary>
    public void CloseAll(string reason, DateTimeOffset now)
    {
        foreach (var slot in _slots.All)
        {
            _slots.Retire(slot, reason, atOnce: true, now);
        }

        _slots.RetireAll(reason, atOnce: true, now);
    }

    /// <summary>What is to be stored before an operator's order is carried out, or why it is not.</summary>
    public (OperatorActed? Event, string? Refusal) Plan(IOperatorCommand command, DateTimeOffset now)
    {
        if (!_settings.Exists)
        {
            return (null, "there is no such server");
        }

        if (!Recovered)
        {
            return (null, "the journal has not been read yet, so the order could not be kept");
        }

        return command switch
        {
            SetCircuitMode { Mode: OperatorCircuitMode.Auto } set => Acted(OperatorActions.Auto, set.Reason),
            SetCircuitMode { Ttl: { } ttl } when ttl <= TimeSpan.Zero => (null, "the ttl must be above zero"),
            SetCircuitMode { Mode: OperatorCircuitMode.ForcedOpen } set => Acted(OperatorActions.ForceOpen, set.Reason, set.Ttl),
            SetCircuitMode { Mode: OperatorCircuitMode.ForcedClosed } set => Acted(OperatorActions.ForceClosed, set.Reason, set.Ttl),
            ResetCircuit => Acted(OperatorActions.Reset, null),
            ClearCache => Acted(OperatorActions.ClearCache, null),
            Restart => Acted(OperatorActions.Restart, null),
            _ => (null, $"unknown order {command.GetType().Name}"),
        };

        (OperatorActed?, string?) Acted(string action, string? reason, TimeSpan? ttl = null)
        {
            DateTimeOffset? until = action is OperatorActions.ForceOpen or OperatorActions.ForceClosed ? now + (ttl ?? DefaultForcedTime) : null;
            return (new OperatorActed(Server, now, action, command.Actor, reason, until), null);
        }
    }

    /// <summary>An operator's order is stored: it is carried out. Returns what was done, in words.</summary>
    public string Act(OperatorActed acted, DateTimeOffset now)
    {
        var reason = acted.Reason is { Length: > 0 } given ? given : $"by {acted.Actor}";
        var text = acted.Action switch
        {
            OperatorActions.ForceOpen => Force(CircuitMode.ForcedOpen),
            OperatorActions.ForceClosed => Force(CircuitMode.ForcedClosed),
            OperatorActions.Auto => Force(CircuitMode.Auto),
            OperatorActions.Reset => ResetNow(reason, now),
            OperatorActions.ClearCache => ClearNow(acted),
            OperatorActions.Restart => RestartNow(now),
            _ => throw new InvalidOperationException($"Unknown operator action '{acted.Action}'."),
        };
        Settle(now);
        AnswerSettled(now);
        return text;

        string Force(CircuitMode mode)
        {
            Follow(_circuit.SetMode(mode, reason, acted.Until, now), now);
            return mode == CircuitMode.Auto ? "the circuit decides by itself" : $"the circuit is {(mode == CircuitMode.ForcedOpen ? "forced open" : "forced closed")} until {acted.Until:O}";
        }
    }

    private string ResetNow(string reason, DateTimeOffset now)
    {
        Follow(_circuit.Reset(reason, now), now);
        return "the circuit is closed and its window empty";
    }

    private string ClearNow(OperatorActed acted)
    {
        _state = _state.Evolve(acted);
        var entries = _cache.Clear();
        _book.MarkAllStale();
        return $"{entries} cached results dropped; the lists are fetched anew when asked for";
    }

    private string RestartNow(DateTimeOffset now)
    {
        CloseAll("restarted by an operator", now);
        foreach (var slot in _slots.All)
        {
            slot.Failures = 0;
            slot.LastError = null;
        }

        ReplaceReplicas();
        _book.MarkAllStale();
        _slots.RetryDue(KeepsRunning, now);
        return "connections and processes are closed; the next call starts it";
    }

    private void Recall(PeerLearned peer, DateTimeOffset now)
    {
        var info = new PeerInfo(peer.Revision, peer.Capabilities, peer.ServerInfo, peer.Instructions);
        _book.Meet(info);
        if (peer.Address == _settings.Address)
        {
            _slots.RememberedEra = peer.Revision;
            _slots.Stateless = !_settings.IsProcess && peer.Revision.IsModern;
        }
        else
        {
            // Reached by another address while this node was away: what is remembered stands in for nothing better, and no longer.
            Record(new DefinitionChanged(Server, now));
            _book.MarkAllStale();
        }
    }

    private void ReconfigureMachines(ServerSettings before, ServerSettings settings)
    {
        if (settings.Circuit != before.Circuit)
        {
            _circuit.Reconfigure(settings.Circuit);
        }

        if (settings.Concurrency != before.Concurrency)
        {
            _bulkhead.Reconfigure(settings.Concurrency);
        }

        if (settings.Cache != before.Cache)
        {
            _cache.Reconfigure(settings.Cache);
            if (before.Cache.Persist == CachePersistence.None && PersistsLists)
            {
                RecordLists();
            }
        }

        if (settings.Retry != before.Retry)
        {
            _retry = new RetryPolicy(settings.Retry);
            _budget = new RetryBudget(settings.Retry.Budget);
        }

        _slots.Settings = SlotSettings.Of(settings);
    }

    private void ClearLists(bool keepForErrors)
    {
        foreach (var kind in Enum.GetValues<CacheKind>())
        {
            _cache.Invalidate(kind, keepForErrors);
        }
    }

    private void RefuseAllWaiting(RejectReason reason, string text, DateTimeOffset now)
    {
        foreach (var call in _calls.All.Where(call => call.Phase is not (CallPhase.Running or CallPhase.Deciding)).ToArray())
        {
            if (ReferenceEquals(_calls.Find(call.Id), call) && call.Phase is not (CallPhase.Running or CallPhase.Deciding))
            {
                Refuse(call, reason, null, text, now);
            }
        }
    }
}
