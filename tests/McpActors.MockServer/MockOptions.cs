namespace McpActors.MockServer;

/// <summary>Which protocol revisions the mock server admits to know.</summary>
public enum MockProtocol
{
    /// <summary>2025-03-26: sessions, batches.</summary>
    V20250326,

    /// <summary>2025-06-18: sessions, version header.</summary>
    V20250618,

    /// <summary>2025-11-25: the last revision with <c>initialize</c>.</summary>
    V20251125,

    /// <summary>2026-07-28 only: stateless, <c>server/discover</c>, header checks.</summary>
    V20260728,

    /// <summary>2026-07-28 and every revision before it on one endpoint.</summary>
    Dual,
}

/// <summary>How an HTTP answer to a request is written.</summary>
public enum AnswerMode
{
    /// <summary>JSON, unless the call sends notifications before its result.</summary>
    Auto,

    /// <summary>Always one JSON object; notifications of the call are lost.</summary>
    Json,

    /// <summary>Always an event stream.</summary>
    Sse,
}

/// <summary>How one mock server is set up. Everything that changes while it runs is in <see cref="Behaviour"/> and <see cref="ToolSet"/>.</summary>
public sealed record MockOptions
{
    /// <summary>Revisions spoken. Default: both eras.</summary>
    public MockProtocol Protocol { get; init; } = MockProtocol.Dual;

    /// <summary>Shape of HTTP answers. Default: <see cref="AnswerMode.Auto"/>.</summary>
    public AnswerMode Answer { get; init; } = AnswerMode.Auto;

    /// <summary>Address it listens on. Default: 127.0.0.1; in a container 0.0.0.0.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port; 0 takes a free one. Default: 0.</summary>
    public int Port { get; init; }

    /// <summary>Name in <c>serverInfo</c>. Default: <c>mock</c>.</summary>
    public string Name { get; init; } = "mock";

    /// <summary>Whether legacy clients get an <c>Mcp-Session-Id</c>. Default: yes.</summary>
    public bool Sessions { get; init; } = true;

    /// <summary>Whether a session has a stream that is opened by GET. Default: yes.</summary>
    public bool Streams { get; init; } = true;

    /// <summary>Status for a session that is not known: 404 as the specification says, or 400 as some real servers do. Default: 404.</summary>
    public int LostSessionStatus { get; init; } = 404;

    /// <summary><c>ttlMs</c> of cacheable results on the modern wire, milliseconds. Default: 0.</summary>
    public long TtlMs { get; init; }

    /// <summary><c>cacheScope</c> of cacheable results on the modern wire. Default: <c>private</c>.</summary>
    public string CacheScope { get; init; } = "private";

    /// <summary>Entries per page of a list; null puts all on one page. Default: null.</summary>
    public int? PageSize { get; init; }

    /// <summary>How many of the last requests are kept with headers and body. Default: 256.</summary>
    public int RequestsKept { get; init; } = 256;

    /// <summary>File that gets one JSON line per effect, session and start, so that a ledger survives the process. Default: none.</summary>
    public string? LedgerFile { get; init; }

    /// <summary>File that is read again whenever it changes and holds one control command, see <see cref="ControlCommands"/>. Default: none.</summary>
    public string? ControlFile { get; init; }

    /// <summary>Stdio only: stay alive after the end of input, as a stubborn server does. Default: no.</summary>
    public bool IgnoreEndOfInput { get; init; }

    /// <summary>Clock of delays and of the ledger. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Version texts of the protocol and what each one implies.</summary>
public static class Revisions
{
    /// <summary>The stateless revision.</summary>
    public const string Modern = "2026-07-28";

    /// <summary>Revisions with <c>initialize</c>, newest first.</summary>
    public static IReadOnlyList<string> Legacy { get; } = ["2025-11-25", "2025-06-18", "2025-03-26"];

    /// <summary>Whether the server speaks the stateless revision.</summary>
    public static bool SpeaksModern(MockProtocol protocol) => protocol is MockProtocol.V20260728 or MockProtocol.Dual;

    /// <summary>Legacy revisions that the server speaks, newest first; empty for a modern-only one.</summary>
    public static IReadOnlyList<string> LegacyOf(MockProtocol protocol) => protocol switch
    {
        MockProtocol.V20250326 => [.. Legacy.Skip(2)],
        MockProtocol.V20250618 => [.. Legacy.Skip(1)],
        MockProtocol.V20260728 => [],
        _ => Legacy,
    };

    /// <summary>Reads the value of <c>--protocol</c>.</summary>
    public static MockProtocol Parse(string text) => text switch
    {
        "2025-03-26" => MockProtocol.V20250326,
        "2025-06-18" => MockProtocol.V20250618,
        "2025-11-25" => MockProtocol.V20251125,
        Modern => MockProtocol.V20260728,
        "dual" => MockProtocol.Dual,
        _ => throw new ArgumentException($"Unknown protocol '{text}': expected 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28 or dual."),
    };
}
