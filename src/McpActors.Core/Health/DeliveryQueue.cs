namespace McpActors.Core.Health;

/// <summary>How a webhook answered.</summary>
public enum DeliveryResult
{
    /// <summary>It took the notifications.</summary>
    Delivered,

    /// <summary>It did not answer, or asked for another try: 408, 425, 429, 5xx.</summary>
    Retry,

    /// <summary>It refuses them for good: any other status.</summary>
    Refused,
}

/// <summary>Notifications of one rule for one request.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Notifications">At most <see cref="DeliveryQueue.MostAtOnce"/>, in order.</param>
public sealed record Delivery(AlertRule Rule, IReadOnlyList<Notification> Notifications);

/// <summary>
/// Who is told what when: one request at a time per rule, in order, tried again from 1 s to 5 min, for a day. Remembers no notifications, these are part of
/// the <see cref="HealthState"/>; what it does remember starts anew on another node.
/// </summary>
public sealed class DeliveryQueue
{
    /// <summary>Notifications in one request at most.</summary>
    public const int MostAtOnce = 50;

    /// <summary>After this time a notification is of no use to anybody: 24 h.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    /// <summary>Requests under way.</summary>
    public int UnderWay => _lanes.Values.Count(lane => lane.Busy);

    /// <summary>When a rule whose webhook failed is tried again at the earliest.</summary>
    public DateTimeOffset? NextDue(HealthState state) => state.Waiting.IsEmpty
        ? null
        : _lanes.Values.Where(lane => lane is { Busy: false, Failures: > 0 }).Select(lane => (DateTimeOffset?)lane.NotBefore).Min();

    /// <summary>The requests to make now; each is under way until <see cref="Ended"/>.</summary>
    /// <param name="state">What waits.</param>
    /// <param name="rules">The rules in force.</param>
    /// <param name="lastStored">The notification up to which the journal has stored them, or does not answer.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<Delivery> TakeDue(HealthState state, IReadOnlyList<AlertRule> rules, long lastStored, DateTimeOffset now)
    {
        List<Delivery>? due = null;
        foreach (var waiting in state.Waiting.Values.Where(each => each.Number <= lastStored).GroupBy(each => each.Alert.Rule, StringComparer.Ordinal))
        {
            if (rules.FirstOrDefault(rule => rule.Name == waiting.Key) is not { Webhook: not null } rule)
            {
                continue;
            }

            var lane = LaneOf(rule.Name);
            if (lane.Busy || lane.NotBefore > now)
            {
                continue;
            }

            lane.Busy = true;
            (due ??= []).Add(new Delivery(rule, [.. waiting.Take(MostAtOnce)]));
        }

        return due ?? [];
    }

    /// <summary>A request ended.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="result">How.</param>
    /// <param name="random">In [0, 1).</param>
    /// <param name="now">The time.</param>
    public void Ended(string rule, DeliveryResult result, double random, DateTimeOffset now)
    {
        var lane = LaneOf(rule);
        lane.Busy = false;
        lane.Failures = result == DeliveryResult.Retry ? lane.Failures + 1 : 0;
        var doubled = FirstWait * Math.Pow(2, Math.Min(lane.Failures - 1, 16));
        lane.NotBefore = lane.Failures == 0 ? now : now + ((doubled < LongestWait ? doubled : LongestWait) * (0.75 + (random / 2)));
    }

    /// <summary>Notifications that nobody can or will take any more, with the reason.</summary>
    public static IEnumerable<(string Id, string Reason)> Hopeless(HealthState state, IReadOnlyList<AlertRule> rules, DateTimeOffset now, bool knowsAllRules = true)
    {
        foreach (var waiting in state.Waiting.Values)
        {
            if (now - waiting.At >= GiveUpAfter)
            {
                yield return (waiting.Id, $"its webhook did not take it within {GiveUpAfter.TotalHours:0} h");
            }
            else if (knowsAllRules && !rules.Any(rule => rule.Name == waiting.Alert.Rule))
            {
                yield return (waiting.Id, "its rule is gone");
            }
        }
    }

    private Lane LaneOf(string rule)
    {
        if (!_lanes.TryGetValue(rule, out var lane))
        {
            lane = new Lane();
            _lanes.Add(rule, lane);
        }

        return lane;
    }

    private sealed class Lane
    {
        public bool Busy { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset NotBefore { get; set; }
    }
}
