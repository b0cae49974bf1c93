using McpActors.Core.Servers;

namespace McpActors.Core.Health;

/// <summary>How a server does, as far as the cluster knows.</summary>
public enum HealthVerdict
{
    /// <summary>Nothing runs that could tell: never called, stopped when idle, disabled, or forced open by an operator.</summary>
    Unknown,

    /// <summary>It answers in time.</summary>
    Healthy,

    /// <summary>It answers, but slowly, with failures in between, or its circuit has yet to close.</summary>
    Degraded,

    /// <summary>It does not answer: its circuit is open, or probes and calls fail.</summary>
    Unhealthy,
}

/// <summary>The verdict on one server, as every node knows it.</summary>
/// <param name="Server">The server.</param>
/// <param name="Verdict">How it does.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">Why, in words, without secrets; at most <see cref="HealthText.Longest"/> characters.</param>
public sealed record ServerHealth(ServerId Server, HealthVerdict Verdict, DateTimeOffset Since, string Reason);

/// <summary>Keeps texts small: they travel in messages that hold many of them.</summary>
public static class HealthText
{
    /// <summary>Longest text in characters.</summary>
    public const int Longest = 200;

    /// <summary>The text, or its beginning.</summary>
    public static string Cut(string? text)
    {
        if (text is null || text.Length <= Longest)
        {
            return text ?? "";
        }

        // Not between the halves of one character.
        var end = char.IsHighSurrogate(text[Longest - 2]) ? Longest - 2 : Longest - 1;
        return text[..end] + "…";
    }
}
