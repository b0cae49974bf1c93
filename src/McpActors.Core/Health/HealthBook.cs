using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Health.HealthEvents;

namespace McpActors.Core.Health;

/// <summary>
/// Verdicts, alarms and alerts of the whole cluster, composed of <see cref="VerdictMachine"/> and <see cref="AlertDecider"/>. Deterministic: time and rules
/// are inputs, and what changed comes out as <see cref="Events"/>, in force already and to be recorded after each call. Owned by one actor; not thread-safe.
/// </summary>
public sealed class HealthBook
{
    /// <summary>Alarms at most; what comes beyond is not taken.</summary>
    public const int MostAlarms = 20_000;

    private readonly Dictionary<ServerId, Pulse> _pulses = [];

    /// <summary>What changed since the owner last looked, in order. The owner clears it.</summary>
    public List<IHealthEvent> Events { get; } = [];

    /// <summary>What the events add up to.</summary>
    public HealthState State { get; private set; } = HealthState.Initial;

    /// <summary>The rules in force.</summary>
    public IReadOnlyList<AlertRule> Rules { get; set; } = [];

    /// <summary>Whether a rule that is not there is gone. While the cluster's configuration is not known yet it may only not have come. Default true.</summary>
    public bool KnowsAllRules { get; set; } = true;

    /// <summary>When <see cref="Tick"/> has something to do at the earliest, if at all.</summary>
    public DateTimeOffset? NextTick => AlertDecider.NextDue(State, Rules);

    /// <summary>Takes over what the journal holds. What was found before it answered counts on top of it, and the verdicts are judged anew from where they were.</summary>
    /// <param name="journalled">The fold of the journal.</param>
    /// <param name="since">What was found here meanwhile.</param>
    /// <param name="now">The time.</param>
    public void Recover(HealthState journalled, IEnumerable<IHealthEvent> since, DateTimeOffset now)
    {
        State = since.Aggregate(journalled, static (state, change) => state.Evolve(change));
        foreach (var health in State.Verdicts.Values)
        {
            if (_pulses.GetValueOrDefault(health.Server, Pulse.Unknown).Verdict == HealthVerdict.Unknown)
            {
                _pulses[health.Server] = new Pulse { Verdict = health.Verdict, Since = health.Since, Reason = health.Reason };
            }
        }

        // Found well before the journal told of an alarm, a server had none that could end.
        foreach (var (server, pulse) in _pulses)
        {
            FollowVerdict(server, pulse, now);
        }
    }

    /// <summary>Does what time alone does, and what a change of the rules brings.</summary>
    public void Tick(DateTimeOffset now)
    {
        foreach (var change in AlertDecider.Decide(State, Rules, now, KnowsAllRules))
        {
            Apply(change);
        }
    }

    /// <summary>Takes the facts of a server's owner.</summary>
    public void Take(ServerFacts facts, DateTimeOffset now)
    {
        FollowCircuit(facts, now);
        Judge(facts.Server, HealthSign.Of(facts), now);
    }

    /// <summary>Takes the end of a probe.</summary>
    public void Take(ServerFacts facts, ProbeResult result, TimeSpan latency, string? text, DateTimeOffset now)
    {
        FollowCircuit(facts, now);
        Judge(facts.Server, HealthSign.Of(result, latency, text, facts), now);
    }

    /// <summary>A server is no more: what is the matter with it is over.</summary>
    public void Forget(ServerId server, DateTimeOffset now)
    {
        _pulses.Remove(server);
        if (State.Verdicts.ContainsKey(server))
        {
            Apply(new VerdictChanged(new ServerHealth(server, HealthVerdict.Unknown, now, "removed")));
        }

        foreach (var (_, what) in AlarmEvents.All.Where(each => each.Event.IsOfServer()))
        {
            Clear(what, server.Value, now);
        }
    }

    /// <summary>Something is the matter, or just happened.</summary>
    public void Raise(Alarm alarm, DateTimeOffset now)
    {
        alarm = alarm with { Text = HealthText.Cut(alarm.Text), Subject = HealthText.Cut(alarm.Subject) };
        if (alarm.Event.IsMomentary())
        {
            foreach (var fired in AlertDecider.Signal(alarm, Rules, now))
            {
                Apply(fired);
            }
        }
        else if (!State.Alarms.TryGetValue(AlarmKey.Of(alarm), out var known) ? State.Alarms.Count < MostAlarms : known.Source != alarm.Source || (alarm.Source is not null && known.Text != alarm.Text))
        {
            // Told by another node now, or in other words, it is the same matter still.
            Apply(new AlarmRaised(alarm with { Since = known?.Since ?? alarm.Since }));
        }
    }

    /// <summary>Something is the matter no longer.</summary>
    public void Clear(AlarmEvent what, string subject, DateTimeOffset now)
    {
        if (State.Alarms.ContainsKey(new AlarmKey(what, HealthText.Cut(subject))))
        {
            Apply(new AlarmCleared(what, HealthText.Cut(subject), now));
        }
    }

    /// <summary>All that a node says is the matter: what it said before and does not say any more is over.</summary>
    public void Reconcile(string source, IReadOnlyCollection<Alarm> said, DateTimeOffset now)
    {
        var keys = said.Select(AlarmKey.Of).ToHashSet();
        foreach (var known in State.Alarms.Values.Where(alarm => alarm.Source == source && !keys.Contains(AlarmKey.Of(alarm))).ToArray())
        {
            Clear(known.Event, known.Subject, now);
        }

        foreach (var alarm in said)
        {
            Raise(alarm with { Source = source }, now);
        }
    }

    /// <summary>Nodes that are gone say nothing any more.</summary>
    public void Keep(IReadOnlySet<string> sources, DateTimeOffset now)
    {
        foreach (var orphan in State.Alarms.Values.Where(alarm => alarm.Source is { } source && !sources.Contains(source)).ToArray())
        {
            Clear(orphan.Event, orphan.Subject, now);
        }
    }

    /// <summary>A webhook took notifications.</summary>
    public void Delivered(IReadOnlyList<string> ids, DateTimeOffset now) => Apply(new NotificationsDelivered(ids, now));

    /// <summary>Notifications are given up.</summary>
    public void Dropped(IReadOnlyList<string> ids, string reason, DateTimeOffset now) => Apply(new NotificationsDropped(ids, now, HealthText.Cut(reason)));

    // A circuit that is half-open has not closed yet.
    private void FollowCircuit(ServerFacts facts, DateTimeOffset now)
    {
        var subject = facts.Server.Value;
        var known = State.Alarms.ContainsKey(new AlarmKey(AlarmEvent.CircuitOpened, subject));
        if (facts.Circuit == CircuitPhase.Open && facts.Life != ServerLife.Off && !known)
        {
            Raise(new Alarm(AlarmEvent.CircuitOpened, subject, facts.Forced ? $"forced open: {facts.Text}" : facts.Text ?? "the circuit opened", now), now);
        }
        else if (known && (facts.Circuit == CircuitPhase.Closed || facts.Life == ServerLife.Off))
        {
            Clear(AlarmEvent.CircuitOpened, subject, now);
            if (facts.Circuit == CircuitPhase.Closed)
            {
                Raise(new Alarm(AlarmEvent.CircuitClosed, subject, "the circuit is closed", now), now);
            }
        }
    }

    private void Judge(ServerId server, in HealthSign sign, DateTimeOffset now)
    {
        var before = _pulses.GetValueOrDefault(server, Pulse.Unknown);
        var after = VerdictMachine.Take(before, sign, now);
        _pulses[server] = after;
        if (after.Verdict == before.Verdict)
        {
            return;
        }

        Apply(new VerdictChanged(new ServerHealth(server, after.Verdict, now, after.Reason)));
        FollowVerdict(server, after, now);
        if (after.Verdict == HealthVerdict.Healthy && before.Verdict != HealthVerdict.Unknown)
        {
            Raise(new Alarm(AlarmEvent.ServerRecovered, server.Value, after.Reason, now), now);
        }
    }

    private void FollowVerdict(ServerId server, Pulse pulse, DateTimeOffset now)
    {
        Follow(AlarmEvent.ServerUnhealthy, pulse.Verdict == HealthVerdict.Unhealthy);
        Follow(AlarmEvent.ServerDegraded, pulse.Verdict == HealthVerdict.Degraded);

        void Follow(AlarmEvent what, bool holds)
        {
            if (holds)
            {
                Raise(new Alarm(what, server.Value, pulse.Reason, now), now);
            }
            else
            {
                Clear(what, server.Value, now);
            }
        }
    }

    private void Apply(IHealthEvent change)
    {
        State = State.Evolve(change);
        Events.Add(change);
    }
}
