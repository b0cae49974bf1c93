namespace McpActors.Core.Health;

/// <summary>Who is told of what (<c>health.alerts</c>).</summary>
public sealed record AlertRule
{
    /// <summary>What the values must be when nothing is said.</summary>
    public static AlertRule Default { get; } = new();

    /// <summary>Its name, unique among the rules: 1 to 64 of <c>[A-Za-z0-9._-]</c>. It is in every notification.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where notifications are posted to. Its path and query may be a secret: they are masked wherever the configuration is shown.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>The events it is about.</summary>
    public IReadOnlyList<AlarmEvent> Events { get; init; } = [];

    /// <summary>How long something must be the matter before it is told. 0 to 24 h; default 1 min. Momentary events are told at once.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After this time it is told again, as long as it lasts. 1 min to 30 d; default: never.</summary>
    public TimeSpan? Repeat { get; init; }

    /// <summary>Whether its end is told too. Default true.</summary>
    public bool Resolved { get; init; } = true;
}

/// <summary>What of <c>health</c> is set.</summary>
public sealed record HealthOptions
{
    /// <summary>The defaults: no alerts.</summary>
    public static HealthOptions Default { get; } = new();

    /// <summary>Who is told of what. Default nobody.</summary>
    public IReadOnlyList<AlertRule> Alerts { get; init; } = [];
}
