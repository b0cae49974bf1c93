using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace McpActors.Core.Health;

/// <summary>An alarm that a rule tells somebody of, or told.</summary>
public sealed record Alert
{
    private const int IdBytes = 8;

    /// <summary>Its id: the same in all its notifications.</summary>
    public required string Id { get; init; }

    /// <summary>The rule.</summary>
    public required string Rule { get; init; }

    /// <summary>What is the matter.</summary>
    public required AlarmEvent Event { get; init; }

    /// <summary>Of whom: the id of a server, or the address of a node.</summary>
    public required string Subject { get; init; }

    /// <summary>In words.</summary>
    public required string Text { get; init; }

    /// <summary>Since when it is the matter.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it was first told.</summary>
    public required DateTimeOffset FiredAt { get; init; }

    /// <summary>How often it was told again.</summary>
    public int Repeats { get; init; }

    /// <summary>When it was told last.</summary>
    public DateTimeOffset NotifiedAt { get; init; }

    /// <summary>When it ended; null while it fires.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>When the webhook last took a notification of it.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Why the last notification was given up; null when it was not.</summary>
    public string? Fault { get; init; }

    /// <summary>What tells it from the other alerts that fire.</summary>
    public AlertKey Key => new(Rule, Event, Subject);

    /// <summary>An alert of a rule about an alarm.</summary>
    public static Alert Of(AlertRule rule, Alarm alarm, DateTimeOffset now) => new()
    {
        Id = IdOf(rule.Name, alarm, now),
        Rule = rule.Name,
        Event = alarm.Event,
        Subject = alarm.Subject,
        Text = alarm.Text,
        Since = alarm.Since,
        FiredAt = now,
        NotifiedAt = now,
        ResolvedAt = alarm.Event.IsMomentary() ? now : null,
    };

    // Made of what it is about, so that a decision can be repeated.
    private static string IdOf(string rule, Alarm alarm, DateTimeOffset now)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{rule}\n{alarm.Event}\n{alarm.Subject}\n{now.UtcTicks}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, IdBytes));
    }
}

/// <summary>Names an alert that fires.</summary>
public readonly record struct AlertKey(string Rule, AlarmEvent Event, string Subject);

/// <summary>Something that a webhook is to be told.</summary>
/// <param name="Number">Its place in the order; grows.</param>
/// <param name="Id">Its id: the same when it is sent again.</param>
/// <param name="Alert">The alert as it was then.</param>
/// <param name="At">When.</param>
public sealed record Notification(long Number, string Id, Alert Alert, DateTimeOffset At)
{
    /// <summary>Whether it tells the end.</summary>
    public bool IsResolved => Alert.ResolvedAt is not null && !Alert.Event.IsMomentary();
}
