using System.Globalization;

namespace McpActors.Core.Health;

/// <summary>Where an alert is.</summary>
public enum AlertState
{
    /// <summary>It was told, and lasts.</summary>
    Firing,

    /// <summary>It is the matter, but not for long enough yet.</summary>
    Pending,

    /// <summary>It is the matter, and no rule asks for it.</summary>
    Raised,

    /// <summary>It is over, or was momentary.</summary>
    Resolved,
}

/// <summary>An alert in a list.</summary>
/// <param name="State">Where it is.</param>
/// <param name="Event">What is the matter.</param>
/// <param name="Subject">Of whom.</param>
/// <param name="Text">In words.</param>
/// <param name="Since">Since when.</param>
public sealed record AlertLine(AlertState State, AlarmEvent Event, string Subject, string Text, DateTimeOffset Since)
{
    /// <summary>Its id; null until it is told.</summary>
    public string? Id { get; init; }

    /// <summary>The rule; null when there is none.</summary>
    public string? Rule { get; init; }

    /// <summary>When it was first told, or will be if it lasts.</summary>
    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>How often it was told again.</summary>
    public int Repeats { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>When the webhook last took a notification of it.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Why the last notification was given up.</summary>
    public string? Fault { get; init; }
}

/// <summary>Makes pages of alerts.</summary>
public static class AlertList
{
    /// <summary>A page.</summary>
    public static HealthProtocol.AlertPage Page(HealthState state, IReadOnlyList<AlertRule> rules, HealthProtocol.GetAlerts asked)
    {
        var limit = Math.Clamp(asked.Limit, 1, HealthProtocol.MostInMessage);
        var page = Lines(state, rules)
            .Where(line => asked.State is null || line.State == asked.State)
            .Select(line => (Key: KeyOf(line), Line: line))
            .Where(entry => string.CompareOrdinal(entry.Key, asked.After) > 0)
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Take(limit + 1)
            .ToList();
        return page.Count > limit
            ? new([.. page.Take(limit).Select(entry => entry.Line)], page[limit - 1].Key)
            : new([.. page.Select(entry => entry.Line)], null);
    }

    private static IEnumerable<AlertLine> Lines(HealthState state, IReadOnlyList<AlertRule> rules)
    {
        var firing = state.Firing.Values.Select(alert => Line(AlertState.Firing, alert));
        var pending = AlertDecider.Pending(state, rules).Select(pair => new AlertLine(
            AlertState.Pending, pair.Alarm.Event, pair.Alarm.Subject, pair.Alarm.Text, pair.Alarm.Since)
        { Rule = pair.Rule.Name, FiredAt = pair.Alarm.Since + pair.Rule.For });
        var raised = state.Alarms.Values.Where(alarm => !rules.Any(rule => rule.Events.Contains(alarm.Event)))
            .Select(alarm => new AlertLine(AlertState.Raised, alarm.Event, alarm.Subject, alarm.Text, alarm.Since));
        return firing.Concat(pending).Concat(raised).Concat(state.Recent.Select(alert => Line(AlertState.Resolved, alert)));
    }

    private static AlertLine Line(AlertState state, Alert alert) => new(state, alert.Event, alert.Subject, alert.Text, alert.Since)
    {
        Id = alert.Id,
        Rule = alert.Rule,
        FiredAt = alert.FiredAt,
        Repeats = alert.Repeats,
        ResolvedAt = alert.ResolvedAt,
        DeliveredAt = alert.DeliveredAt,
        Fault = alert.Fault,
    };

    // By state; the ended ones newest first.
    private static string KeyOf(AlertLine line)
    {
        var newest = line.State == AlertState.Resolved ? (DateTimeOffset.MaxValue - (line.ResolvedAt ?? line.Since)).Ticks : 0;
        return string.Create(CultureInfo.InvariantCulture, $"{(int)line.State}~{newest:D19}~{line.Rule}~{line.Event.Word()}~{line.Subject}~{line.Id}");
    }
}
