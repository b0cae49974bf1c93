using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Retry;
using McpActors.Core.Servers.Slots;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers;

/// <summary>
/// All decisions about one server, composed of small machines: cache, coalescing, circuit, bulkhead, retry budget, upstream slots and lists.
/// Deterministic: time, randomness and connection ids are inputs, and what is to be done comes out as <see cref="Effects"/>, to be performed in order
/// after each call. Owned by one actor; not thread-safe. A call passes: cache → coalesce → circuit → bulkhead → slot → admitted; each further attempt
/// asks the circuit again and keeps the permit; each attempt is one sample of the circuit.
/// </summary>
public sealed partial class ServerDecider
{
    private readonly CallTable _calls = new();
    private readonly WaitList _waits = new();
    private readonly List<BulkheadSignal<PendingCall>> _permits = [];
    private readonly List<CoalescingSignal<PendingCall>> _promotions = [];
    private readonly CoalescingTable<PendingCall> _coalescing = new();
    private readonly CatalogueBook _book = new();
    private readonly CrashWindow _crashes = new();
    private readonly CircuitMachine _circuit;
    private readonly Bulkhead<PendingCall> _bulkhead;
    private readonly CallCache _cache;
    private readonly UpstreamSlots _slots;
    private RetryPolicy _retry;
    private RetryBudget _budget;
    private ServerSettings _settings;
    private ServerState _state = ServerState.Initial;
    private PendingCall? _current;
    private IServerReply? _answer;
    private bool _draining;

    /// <summary>A server as its definition makes it, with no past.</summary>
    /// <param name="settings">The definition.</param>
    /// <param name="nextConnection">Gives connection ids that are unique in the node.</param>
    public ServerDecider(ServerSettings settings, Func<long> nextConnection)
    {
        _settings = settings;
        _circuit = new CircuitMachine(settings.Circuit);
        _bulkhead = new Bulkhead<PendingCall>(settings.Concurrency);
        _cache = new CallCache(settings.Cache);
        _retry = new RetryPolicy(settings.Retry);
        _budget = new RetryBudget(settings.Retry.Budget);
        _slots = new UpstreamSlots(SlotSettings.Of(settings), settings.Replicas.Count, nextConnection, Effects);
        ReplaceReplicas();
    }

    /// <summary>What is to be done, in order. The owner performs and clears it after each call.</summary>
    public List<ServerEffect> Effects { get; } = [];

    /// <summary>The server.</summary>
    public ServerId Server => _settings.Server;

    /// <summary>What the recorded events add up to.</summary>
    public ServerState State => _state;

    /// <summary>Whether the journal has been read.</summary>
    public bool Recovered { get; private set; }

    /// <summary>Calls on their way, the gateway's own included.</summary>
    public int Calls => _calls.Count;

    /// <summary>Calls that hold a permit, those of other nodes under their leases included.</summary>
    public int InFlight => _bulkhead.InFlight + LeasedInFlight;

    /// <summary>Calls that wait for a permit.</summary>
    public int Queued => _bulkhead.Queued;

    /// <summary>The calls and the state of its replicas; null for a server without.</summary>
    public ReplicaBalancer? Replicas => _replicas;

    /// <summary>Results in the cache.</summary>
    public int CacheEntries => _cache.Count;

    /// <summary>Bytes in the cache.</summary>
    public long CacheBytes => _cache.Bytes;

    /// <summary>Whether nothing is going on and nothing is open, so that the actor may be stopped without a loss.</summary>
    public bool IsIdle => _calls.Count == 0 && _leases is not { Holders: > 0 } && !_slots.AnyLive && !_book.AnyWaiting && !(_settings.Eager && _settings.Enabled);

    /// <summary>When <see cref="Tick"/> has something to do at the earliest, if at all.</summary>
    public DateTimeOffset? NextTick
    {
        get
        {
            var next = Earlier(_circuit.NextTick, _bulkhead.NextTick);
            next = Earlier(next, _coalescing.NextTick);
            next = Earlier(next, _waits.NextTick);
            next = Earlier(next, _book.NextTick);
            next = Earlier(next, _refreshAt);
            next = Earlier(next, _probeAt);
            next = Earlier(next, _idleAt);
            next = Earlier(next, _leases?.NextTick);
            next = Earlier(next, _trialAt);
            return Earlier(next, _slots.NextRetry(KeepsRunning));
        }
    }

    private bool KeepsRunning => _settings is { Eager: true, Enabled: true } && !_draining && _circuit.State.EffectivePhase != CircuitPhase.Open;

    /// <summary>Does what time alone does.</summary>
    public void Tick(double random, DateTimeOffset now)
    {
        Follow(_circuit.Tick(now), now);
        _bulkhead.Tick(now, _permits);
        _coalescing.Tick(now, _promotions);
        TickWaits(now);
        ProbeTransport(now);
        LookAfterReplicas(now);
        _slots.RetryDue(KeepsRunning, now);
        CloseIdle(now);
        RefreshDue(now);
        TickLeases(now);
        Settle(now);
        AnswerSettled(now);
        _ = random;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other ?? one : one;

    // Answers the call that is being handled by the return value, all others by an effect.
    private void Answer(PendingCall call, IServerReply reply, DateTimeOffset now)
    {
        if (call.Fetches is not null)
        {
            AnswerFetch(call, reply, now);
        }
        else if (ReferenceEquals(call, _current))
        {
            _answer = reply;
        }
        else
        {
            Effects.Add(new ServerEffect.Reply(call.Id, reply));
        }
    }

    private IServerReply? TakeAnswer(DateTimeOffset now)
    {
        Settle(now);
        var answer = _answer;
        _answer = null;
        _current = null;
        return answer;
    }

    // What one call's end means for others may end or start more of them; worked off here and nowhere deeper, however many they are.
    private void Settle(DateTimeOffset now)
    {
        for (var i = 0; i < _permits.Count || _promotions.Count > 0;)
        {
            if (i < _permits.Count)
            {
                OnPermit(_permits[i++], now);
                continue;
            }

            var promotion = _promotions[^1];
            _promotions.RemoveAt(_promotions.Count - 1);
            OnPromotion(promotion, now);
        }

        _permits.Clear();
    }

    private void Follow(in CircuitTransitions transitions, DateTimeOffset now)
    {
        for (var i = 0; i < transitions.Count; i++)
        {
            var change = transitions[i];
            var changed = new CircuitChanged(Server, change, _state.Circuit.Evolve(change));
            _state = _state.Evolve(changed);
            Effects.Add(Recovered ? new ServerEffect.Record(changed) : new ServerEffect.CountTransition(change));
            OnCircuitChanged(change, now);
        }
    }

    private void Record(IServerEvent change)
    {
        _state = _state.Evolve(change);
        Effects.Add(new ServerEffect.Record(change));
    }

    private void OnCircuitChanged(CircuitEvent change, DateTimeOffset now)
    {
        switch (change)
        {
            case CircuitEvent.Opened opened:
                _probes = 0;
                _probeAt = opened.TransportLost ? now + CircuitMachine.TransportProbeDelay(0) : null;
                RefuseWaiting(now);
                break;
            case CircuitEvent.HalfOpened { Cause: CircuitCause.TransportBack }:
                // The connection that proved it is as fresh as can be; the others are from before.
                _probeAt = null;
                _slots.RetireAll("the circuit is half-open", atOnce: false, now, _proof);
                break;
            case CircuitEvent.HalfOpened:
                _probeAt = null;
                _slots.RetireAll("the circuit is half-open", atOnce: false, now);
                break;
            case CircuitEvent.Forced { Mode: CircuitMode.ForcedOpen }:
                RefuseWaiting(now);
                break;
            default:
                _probeAt = null;
                break;
        }
    }
}
