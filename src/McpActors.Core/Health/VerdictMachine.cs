namespace McpActors.Core.Health;

/// <summary>The verdict on one server with the streaks that lead to the next one.</summary>
public sealed record Pulse
{
    /// <summary>Of a server that nothing is known of.</summary>
    public static Pulse Unknown { get; } = new();

    /// <summary>The verdict.</summary>
    public HealthVerdict Verdict { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Good signs in a row, as far as they matter.</summary>
    public int Good { get; init; }

    /// <summary>Signs of an answer in a row, good or slow.</summary>
    public int Answers { get; init; }

    /// <summary>Signs in a row that were not good.</summary>
    public int Slow { get; init; }

    /// <summary>Bad signs in a row.</summary>
    public int Bad { get; init; }
}

/// <summary>
/// The rolling verdict of a server, with hysteresis: three signs in a row make it worse, two make it better, and the first good one ends not knowing.
/// Only the circuit's word counts at once, because the circuit has a hysteresis of its own. Unknown → Healthy ⇄ Degraded ⇄ Unhealthy → Healthy.
/// </summary>
public static class VerdictMachine
{
    /// <summary>Signs in a row that make the verdict worse: 3.</summary>
    public const int Fall = 3;

    /// <summary>Signs in a row that make it better: 2.</summary>
    public const int Rise = 2;

    /// <summary>The verdict after one more sign.</summary>
    public static Pulse Take(Pulse pulse, in HealthSign sign, DateTimeOffset now)
    {
        var counted = sign.Kind switch
        {
            HealthSignKind.None => pulse,
            HealthSignKind.Gone => pulse with { Good = 0, Answers = 0, Slow = 0, Bad = 0 },
            HealthSignKind.Down => pulse with { Good = 0, Answers = 0, Slow = Fall, Bad = Fall },
            HealthSignKind.Bad => pulse with { Good = 0, Answers = 0, Slow = Count(pulse.Slow, sign, Fall), Bad = Count(pulse.Bad, sign, Fall) },
            HealthSignKind.Slow => pulse with { Good = 0, Answers = Count(pulse.Answers, sign, Rise), Slow = Count(pulse.Slow, sign, Fall), Bad = 0 },
            _ => pulse with { Good = Count(pulse.Good, sign, Rise), Answers = Count(pulse.Answers, sign, Rise), Slow = 0, Bad = 0 },
        };
        var verdict = Judge(counted, sign);
        return verdict == pulse.Verdict ? counted : counted with { Verdict = verdict, Since = now, Reason = HealthText.Cut(sign.Reason) };
    }

    private static HealthVerdict Judge(Pulse pulse, in HealthSign sign)
    {
        if (sign.Kind is HealthSignKind.None or HealthSignKind.Gone)
        {
            return sign.Kind == HealthSignKind.Gone ? HealthVerdict.Unknown : pulse.Verdict;
        }

        if (pulse.Bad >= Fall || (pulse.Verdict == HealthVerdict.Unhealthy && pulse.Answers < Rise))
        {
            return HealthVerdict.Unhealthy;
        }

        if (pulse.Slow >= Fall)
        {
            return HealthVerdict.Degraded;
        }

        var best = sign.Impaired ? HealthVerdict.Degraded : HealthVerdict.Healthy;
        return pulse.Verdict switch
        {
            HealthVerdict.Unknown => pulse.Good > 0 ? best : HealthVerdict.Unknown,
            HealthVerdict.Healthy => sign.Kind == HealthSignKind.Good ? best : HealthVerdict.Healthy,
            _ => pulse.Good >= Rise ? best : HealthVerdict.Degraded,
        };
    }

    private static int Count(int before, in HealthSign sign, int most) => (int)Math.Min(most, before + (long)Math.Max(1, sign.Weight));
}
