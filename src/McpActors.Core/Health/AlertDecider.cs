using static McpActors.Core.Health.HealthEvents;

namespace McpActors.Core.Health;

/// <summary>
/// Which alerts fire, repeat and end. Pure: time and rules are inputs. An alarm is pending for a rule until it has lasted for <see cref="AlertRule.For"/>,
/// then its alert fires, repeats, and is resolved when the alarm is over; one that ends while pending is told to nobody.
/// </summary>
public static class AlertDecider
{
    /// <summary>What is due now.</summary>
    /// <param name="state">The alarms, and the alerts of which was told.</param>
    /// <param name="rules">The rules in force.</param>
    /// <param name="now">The time.</param>
    /// <param name="knowsAllRules">Whether a rule that is not there is gone; else its alerts are left as they are.</param>
    public static IReadOnlyList<IHealthEvent> Decide(HealthState state, IReadOnlyList<AlertRule> rules, DateTimeOffset now, bool knowsAllRules = true)
    {
        var events = new List<IHealthEvent>();
        foreach (var alert in state.Firing.Values)
        {
            var rule = RuleOf(alert.Key, rules);
            if (rule is null && !knowsAllRules)
            {
                continue;
            }

            if (rule is null || !state.Alarms.ContainsKey(new AlarmKey(alert.Event, alert.Subject)))
            {
                // A rule that is gone, or is about something else now, tells nothing.
                events.Add(new AlertResolved(alert.Key, now, Told: rule is { Resolved: true }));
            }
            else if (rule.Repeat is { } repeat && now - alert.NotifiedAt >= repeat)
            {
                events.Add(new AlertRepeated(alert.Key, now));
            }
        }

        foreach (var (rule, alarm) in Pending(state, rules))
        {
            if (now - alarm.Since >= rule.For)
            {
                events.Add(new AlertFired(Alert.Of(rule, alarm, now)));
            }
        }

        return events;
    }

    /// <summary>What a momentary event leads to.</summary>
    public static IReadOnlyList<IHealthEvent> Signal(Alarm alarm, IReadOnlyList<AlertRule> rules, DateTimeOffset now) =>
        [.. rules.Where(rule => rule.Events.Contains(alarm.Event)).Select(rule => new AlertFired(Alert.Of(rule, alarm, now)))];

    /// <summary>When time alone makes something due at the earliest.</summary>
    public static DateTimeOffset? NextDue(HealthState state, IReadOnlyList<AlertRule> rules)
    {
        DateTimeOffset? next = null;
        foreach (var alert in state.Firing.Values)
        {
            if (RuleOf(alert.Key, rules)?.Repeat is { } repeat)
            {
                next = Earlier(next, alert.NotifiedAt + repeat);
            }
        }

        foreach (var (rule, alarm) in Pending(state, rules))
        {
            next = Earlier(next, alarm.Since + rule.For);
        }

        return next;
    }

    /// <summary>The alarms that a rule has yet to tell of.</summary>
    public static IEnumerable<(AlertRule Rule, Alarm Alarm)> Pending(HealthState state, IReadOnlyList<AlertRule> rules) =>
        from alarm in state.Alarms.Values
        from rule in rules
        where rule.Events.Contains(alarm.Event) && !state.Firing.ContainsKey(new AlertKey(rule.Name, alarm.Event, alarm.Subject))
        select (rule, alarm);

    private static AlertRule? RuleOf(AlertKey alert, IReadOnlyList<AlertRule> rules) =>
        rules.FirstOrDefault(rule => rule.Name == alert.Rule && rule.Events.Contains(alert.Event));

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one is { } value && value < other ? value : other;
}
