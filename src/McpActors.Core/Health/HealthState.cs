using System.Collections.Immutable;
using System.Globalization;
using McpActors.Core.Servers;
using static McpActors.Core.Health.HealthEvents;

namespace McpActors.Core.Health;

/// <summary>What of the monitor outlives its node: the fold of its events, and its snapshot. All of it is bounded.</summary>
public sealed record HealthState
{
    /// <summary>Notifications that wait for their webhook at most; beyond it the oldest is given up.</summary>
    public const int MostWaiting = 1_000;

    /// <summary>Ended alerts that are remembered.</summary>
    public const int MostRecent = 100;

    /// <summary>Before the first event.</summary>
    public static HealthState Initial { get; } = new();

    /// <summary>Servers of which something is known.</summary>
    public ImmutableDictionary<ServerId, ServerHealth> Verdicts { get; init; } = ImmutableDictionary<ServerId, ServerHealth>.Empty;

    /// <summary>What is the matter.</summary>
    public ImmutableDictionary<AlarmKey, Alarm> Alarms { get; init; } = ImmutableDictionary<AlarmKey, Alarm>.Empty;

    /// <summary>Alerts that fire.</summary>
    public ImmutableDictionary<AlertKey, Alert> Firing { get; init; } = ImmutableDictionary<AlertKey, Alert>.Empty;

    /// <summary>The last alerts that ended, newest first.</summary>
    public ImmutableList<Alert> Recent { get; init; } = [];

    /// <summary>What webhooks are yet to be told, in order.</summary>
    public ImmutableSortedDictionary<long, Notification> Waiting { get; init; } = ImmutableSortedDictionary<long, Notification>.Empty;

    /// <summary>The number of the last notification.</summary>
    public long LastNotification { get; init; }

    /// <summary>The state after an event.</summary>
    public HealthState Evolve(IHealthEvent change) => change switch
    {
        VerdictChanged { Health.Verdict: HealthVerdict.Unknown } changed => this with { Verdicts = Verdicts.Remove(changed.Health.Server) },
        VerdictChanged changed => this with { Verdicts = Verdicts.SetItem(changed.Health.Server, changed.Health) },
        AlarmRaised raised => Raise(raised.Alarm),
        AlarmCleared cleared => this with { Alarms = Alarms.Remove(new AlarmKey(cleared.Event, cleared.Subject)) },
        AlertFired fired => Fire(fired.Alert),
        AlertRepeated repeated => Repeat(repeated),
        AlertResolved resolved => Resolve(resolved),
        NotificationsDelivered delivered => Settle(delivered.Ids, alert => alert with { DeliveredAt = delivered.At, Fault = null }),
        NotificationsDropped dropped => Settle(dropped.Ids, alert => alert with { Fault = dropped.Reason }),
        _ => throw new InvalidOperationException($"The state of health does not know the event {change.GetType().Name}."),
    };

    private HealthState Raise(Alarm alarm)
    {
        var key = AlarmKey.Of(alarm);
        var raised = this with { Alarms = Alarms.SetItem(key, alarm) };
        if (!Alarms.TryGetValue(key, out var known) || known.Text == alarm.Text)
        {
            return raised;
        }

        // Alerts that fire for it go on in the words of now.
        return raised with
        {
            Firing = Firing.SetItems(
                from firing in Firing
                where firing.Key.Event == alarm.Event && firing.Key.Subject == alarm.Subject
                select new KeyValuePair<AlertKey, Alert>(firing.Key, firing.Value with { Text = alarm.Text })),
        };
    }

    private HealthState Fire(Alert alert)
    {
        var next = alert.Event.IsMomentary() ? Remember(alert) : this with { Firing = Firing.SetItem(alert.Key, alert) };
        return next.Tell(alert, "1", alert.FiredAt);
    }

    private HealthState Repeat(AlertRepeated repeated)
    {
        if (!Firing.TryGetValue(repeated.Alert, out var alert))
        {
            return this;
        }

        var again = alert with { Repeats = alert.Repeats + 1, NotifiedAt = repeated.At };
        var number = (again.Repeats + 1).ToString(CultureInfo.InvariantCulture);
        return (this with { Firing = Firing.SetItem(again.Key, again) }).Tell(again, number, repeated.At);
    }

    private HealthState Resolve(AlertResolved resolved)
    {
        if (!Firing.TryGetValue(resolved.Alert, out var alert))
        {
            return this;
        }

        var ended = alert with { ResolvedAt = resolved.At };
        var next = (this with { Firing = Firing.Remove(alert.Key) }).Remember(ended);
        return resolved.Told ? next.Tell(ended, "resolved", resolved.At) : next;
    }

    private HealthState Tell(Alert alert, string which, DateTimeOffset at)
    {
        var number = LastNotification + 1;
        var next = this with { LastNotification = number, Waiting = Waiting.Add(number, new Notification(number, $"{alert.Id}-{which}", alert, at)) };
        while (next.Waiting.Count > MostWaiting)
        {
            var oldest = next.Waiting.First().Value;
            next = next.Settle([oldest.Id], lost => lost with { Fault = $"more than {MostWaiting} notifications wait" });
        }

        return next;
    }

    private HealthState Remember(Alert alert)
    {
        var recent = Recent.Insert(0, alert);
        return this with { Recent = recent.Count > MostRecent ? recent.RemoveAt(MostRecent) : recent };
    }

    // Notifications leave, and their alerts, if they are still known, say how it went.
    private HealthState Settle(IReadOnlyList<string> ids, Func<Alert, Alert> note)
    {
        var next = this;
        foreach (var gone in Waiting.Values.Where(waiting => ids.Contains(waiting.Id)))
        {
            next = next with { Waiting = next.Waiting.Remove(gone.Number) };
            if (next.Firing.TryGetValue(gone.Alert.Key, out var firing) && firing.Id == gone.Alert.Id)
            {
                next = next with { Firing = next.Firing.SetItem(firing.Key, note(firing)) };
            }
            else if (next.Recent.FindIndex(alert => alert.Id == gone.Alert.Id) is var place and >= 0)
            {
                next = next with { Recent = next.Recent.SetItem(place, note(next.Recent[place])) };
            }
        }

        return next;
    }
}
