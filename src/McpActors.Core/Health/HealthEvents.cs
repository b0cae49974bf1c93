namespace McpActors.Core.Health;

/// <summary>A transition that the monitor's journal keeps. Each brings all it needs, so one that is stored twice, or without the one before, does no harm.</summary>
public interface IHealthEvent
{
    /// <summary>When it happened.</summary>
    DateTimeOffset At { get; }
}

/// <summary>What happens to verdicts, alarms and alerts.</summary>
public static class HealthEvents
{
    /// <summary>The verdict on a server changed.</summary>
    public sealed record VerdictChanged(ServerHealth Health) : IHealthEvent
    {
        /// <inheritdoc/>
        public DateTimeOffset At => Health.Since;
    }

    /// <summary>Something is the matter from now on.</summary>
    public sealed record AlarmRaised(Alarm Alarm) : IHealthEvent
    {
        /// <inheritdoc/>
        public DateTimeOffset At => Alarm.Since;
    }

    /// <summary>Something is the matter no longer.</summary>
    public sealed record AlarmCleared(AlarmEvent Event, string Subject, DateTimeOffset At) : IHealthEvent;

    /// <summary>A rule tells of an alarm.</summary>
    public sealed record AlertFired(Alert Alert) : IHealthEvent
    {
        /// <inheritdoc/>
        public DateTimeOffset At => Alert.FiredAt;
    }

    /// <summary>It tells of it once more.</summary>
    public sealed record AlertRepeated(AlertKey Alert, DateTimeOffset At) : IHealthEvent;

    /// <summary>It is over.</summary>
    /// <param name="Alert">Which.</param>
    /// <param name="At">When.</param>
    /// <param name="Told">Whether the rule tells of it.</param>
    public sealed record AlertResolved(AlertKey Alert, DateTimeOffset At, bool Told) : IHealthEvent;

    /// <summary>A webhook took notifications.</summary>
    public sealed record NotificationsDelivered(IReadOnlyList<string> Ids, DateTimeOffset At) : IHealthEvent;

    /// <summary>Notifications were given up.</summary>
    public sealed record NotificationsDropped(IReadOnlyList<string> Ids, DateTimeOffset At, string Reason) : IHealthEvent;
}
