using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Slots;

namespace McpActors.Core.Servers;

// What can be seen from outside.
public sealed partial class ServerDecider
{
    private const int MostSlotsShown = 100;

    /// <summary>All that can be shown now. Starts nothing.</summary>
    public ServerStatus Status(DateTimeOffset now)
    {
        var (condition, reason) = Condition(now);
        return new ServerStatus
        {
            Server = Server,
            Condition = condition,
            Reason = reason,
            Transport = _settings.Transport,
            Era = _slots.RememberedEra,
            Peer = _book.Peer,
            Recovered = Recovered,
            Circuit = CircuitNow(now),
            Cache = CacheNow(),
            Load = LoadNow(now),
            Leases = _leases is null ? null : new LeasesStatus(_leases.OwnLimit, _bulkhead.InFlight, _leases.Legacy, _leases.Show()),
            LastErrors = _failures.NewestFirst(),
            Slots = [.. _slots.All.Where(slot => slot.Phase != SlotPhase.Vacant).Take(MostSlotsShown).Select(Show)],
            Replicas = ReplicasNow(now),
            Lists = _book.Status(now),
            Healing = new HealingStatus(_sessionsHealed, _processesHealed, _connectionsHealed, _slots.Starts),
        };
    }

    private (ServerCondition Condition, string? Reason) Condition(DateTimeOffset now)
    {
        if (!_settings.Exists)
        {
            return (ServerCondition.Unknown, "there is no such server");
        }

        if (!_settings.Enabled)
        {
            return (ServerCondition.Disabled, "disabled by configuration");
        }

        var circuit = _circuit.State;
        if (circuit.EffectivePhase == CircuitPhase.Open)
        {
            return (ServerCondition.Unavailable, $"the circuit is open: {circuit.Reason}");
        }

        var ready = _slots.All.Any(slot => slot.Phase == SlotPhase.Ready);
        var failed = _slots.All.FirstOrDefault(slot => slot is { Phase: SlotPhase.BackingOff, LastError: not null });
        if (!ready && failed is not null)
        {
            return (ServerCondition.Unavailable, failed.LastError?.ForOperators);
        }

        if (circuit.Phase == CircuitPhase.HalfOpen || circuit.Mode != CircuitMode.Auto)
        {
            return (ServerCondition.Degraded, circuit.Mode != CircuitMode.Auto ? $"the circuit is forced closed: {circuit.Reason}" : "the circuit is half-open");
        }

        if (!ready)
        {
            var starting = _slots.All.Any(slot => slot.Phase == SlotPhase.Connecting);
            return (starting ? ServerCondition.Starting : ServerCondition.Idle, null);
        }

        if (ReplicasNow(now).FirstOrDefault(replica => replica.Phase != ReplicaPhase.InUse || !replica.Reachable) is { } left)
        {
            return (ServerCondition.Degraded, Outage(left));
        }

        return failed is not null ? (ServerCondition.Degraded, failed.LastError?.ForOperators) : (ServerCondition.Ready, null);
    }

    private CircuitStatus CircuitNow(DateTimeOffset now)
    {
        var snapshot = _circuit.Snapshot(now);
        var state = snapshot.State;
        return new CircuitStatus(
            state.EffectivePhase,
            state.Mode,
            state.Since == DateTimeOffset.MinValue ? null : state.Since,
            state.EffectiveUntil,
            state.Reason.Length == 0 ? null : state.Reason,
            snapshot.Window,
            snapshot.ConsecutiveFailures,
            snapshot.ProbesInFlight);
    }

    private CacheStatus CacheNow()
    {
        var figures = _cache.Statistics;
        return new CacheStatus(_cache.Count, _cache.Bytes, figures.Hits, figures.Misses, figures.StaleHits, figures.Evictions, _coalesced);
    }

    private LoadStatus LoadNow(DateTimeOffset now) => new(
        InFlight,
        _settings.Concurrency.Max,
        _bulkhead.Queued,
        _settings.Concurrency.Queue,
        _waits.Count + _coalescing.Waiters,
        _budget.Available(now),
        _admitted + (_leases?.Calls ?? 0),
        _retries,
        _rejections);

    private ReplicaStatus[] ReplicasNow(DateTimeOffset now) => _replicas is not { } replicas
        ? []
        : [.. replicas.Snapshot().Select(replica => new ReplicaStatus(
            replica.Endpoint, _settings.Replicas[replica.Endpoint].Address, replica.Weight, replica.Phase, replica.Until,
            (_unreachable & ReplicaHints.Only(replica.Endpoint)) == 0, replica.Outstanding, replica.ConsecutiveFailures,
            _notes[replica.Endpoint].Text is null ? null : _notes[replica.Endpoint].At, _notes[replica.Endpoint].Text)
        {
            Health = _health.VerdictOn(replica.Endpoint, now),
            ProbedAt = _health.ProbedAt(replica.Endpoint),
        })];

    private static string Outage(ReplicaStatus replica)
    {
        var what = replica.Phase switch
        {
            ReplicaPhase.Ejected => $"is left out until {replica.Until:O}",
            ReplicaPhase.OnTrial => "is being tried again",
            _ => "cannot be reached",
        };
        return $"replica {replica.Index} ({replica.Address}) {what}{(replica.LastError is null ? "" : $": {replica.LastError}")}";
    }

    private SlotStatus Show(Slot slot) => new(
        slot.Key,
        slot.Phase switch { SlotPhase.Connecting => "connecting", SlotPhase.Ready => "ready", _ => "backingOff" },
        slot.Current?.Id,
        slot.Current?.ProcessId,
        slot.Since,
        slot.Current?.InFlight ?? 0,
        slot.LastError?.ForOperators,
        _replicas is null ? null : slot.Endpoint);
}
