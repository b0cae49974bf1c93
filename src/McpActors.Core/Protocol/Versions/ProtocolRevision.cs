using System.Diagnostics.CodeAnalysis;

namespace McpActors.Core.Protocol.Versions;

/// <summary>
/// A published revision of MCP, and what is true of it. This is the only place that holds version texts: everywhere else asks a named
/// question. Revisions compare by age; the default value is the oldest one, which can do least.
/// </summary>
public readonly record struct ProtocolRevision : IComparable<ProtocolRevision>
{
    private static readonly string[] Texts = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

    private readonly byte _age;

    private ProtocolRevision(byte age) => _age = age;

    /// <summary>2024-11-05: HTTP+SSE.</summary>
    public static ProtocolRevision V20241105 => new(0);

    /// <summary>2025-03-26: Streamable HTTP, batches.</summary>
    public static ProtocolRevision V20250326 => new(1);

    /// <summary>2025-06-18: elicitation, structured results, no batches.</summary>
    public static ProtocolRevision V20250618 => new(2);

    /// <summary>2025-11-25: the last one with an initialize handshake.</summary>
    public static ProtocolRevision V20251125 => new(3);

    /// <summary>2026-07-28: stateless.</summary>
    public static ProtocolRevision V20260728 => new(4);

    /// <summary>The newest stateless revision.</summary>
    public static ProtocolRevision NewestModern => V20260728;

    /// <summary>The newest revision with an initialize handshake.</summary>
    public static ProtocolRevision NewestLegacy => V20251125;

    /// <summary>What a Streamable HTTP client speaks that sends no version header after its handshake.</summary>
    public static ProtocolRevision AssumedWithoutHeader => V20250326;

    /// <summary>All revisions, oldest first.</summary>
    public static IReadOnlyList<ProtocolRevision> All { get; } = [V20241105, V20250326, V20250618, V20251125, V20260728];

    /// <summary>
    /// What <c>server/discover</c> and error -32022 name. Modern ones only, in both places: clients of an older revision never ask,
    /// and both lists must agree.
    /// </summary>
    public static IReadOnlyList<ProtocolRevision> Discoverable { get; } = [V20260728];

    /// <summary>Revisions that can be agreed upon by <c>initialize</c>, newest first.</summary>
    public static IReadOnlyList<ProtocolRevision> Negotiable { get; } = [V20251125, V20250618, V20250326, V20241105];

    /// <summary>Its name on the wire.</summary>
    public string Text => Texts[_age];

    /// <summary>Each request carries all it needs in <c>_meta</c>; there are no sessions and no handshake.</summary>
    public bool IsModern => this >= V20260728;

    /// <summary>Begins with an initialize handshake.</summary>
    public bool IsLegacy => !IsModern;

    /// <summary>Each request stands alone.</summary>
    public bool IsStateless => IsModern;

    /// <summary>Streamable HTTP may have sessions (<c>Mcp-Session-Id</c>).</summary>
    public bool HasSessions => IsLegacy && this >= V20250326;

    /// <summary>Its HTTP transport is the one of two endpoints, with a stream that names where to post.</summary>
    public bool UsesTwoEndpoints => this == V20241105;

    /// <summary>There is <c>server/discover</c>.</summary>
    public bool HasDiscover => IsModern;

    /// <summary>Each request must carry version and capabilities in <c>_meta</c>.</summary>
    public bool NeedsRequestMeta => IsModern;

    /// <summary>Every result says its <c>resultType</c>.</summary>
    public bool HasResultType => IsModern;

    /// <summary>Results of lists and reads carry <c>ttlMs</c> and <c>cacheScope</c>.</summary>
    public bool HasCacheHints => IsModern;

    /// <summary>Results carry the server's name and version in <c>_meta</c>.</summary>
    public bool HasServerInfoInMeta => IsModern;

    /// <summary>Arrays of messages are allowed.</summary>
    public bool AllowsBatches => this == V20250326;

    /// <summary>Requests over HTTP carry <c>MCP-Protocol-Version</c>, after the handshake if there is one.</summary>
    public bool NeedsVersionHeader => this >= V20250618;

    /// <summary>Requests over HTTP repeat method and name in <c>Mcp-Method</c> and <c>Mcp-Name</c>.</summary>
    public bool NeedsMethodHeaders => IsModern;

    /// <summary>Leaving the stream cancels the request; otherwise only <c>notifications/cancelled</c> does.</summary>
    public bool DisconnectCancels => IsModern;

    /// <summary>The server may send requests to the client.</summary>
    public bool HasServerRequests => IsLegacy;

    /// <summary>Input is asked for by a result, and the request sent again.</summary>
    public bool HasInputRequired => IsModern;

    /// <summary>Servers may ask the user.</summary>
    public bool HasElicitation => this >= V20250618;

    /// <summary>Servers may send the user to a URL.</summary>
    public bool HasUrlElicitation => this >= V20251125;

    /// <summary>There is <c>ping</c>.</summary>
    public bool HasPing => IsLegacy;

    /// <summary>There is <c>logging/setLevel</c>; otherwise each request names its level.</summary>
    public bool HasSetLevel => IsLegacy;

    /// <summary>There is a GET stream for messages outside requests.</summary>
    public bool HasGetStream => HasSessions;

    /// <summary>There is <c>subscriptions/listen</c>.</summary>
    public bool HasListen => IsModern;

    /// <summary>Broken streams may be resumed with <c>Last-Event-ID</c>.</summary>
    public bool HasResumption => HasSessions;

    /// <summary>There are the experimental tasks of the core protocol.</summary>
    public bool HasCoreTasks => this == V20251125;

    /// <summary>Results of tools may have <c>structuredContent</c>, and tools an <c>outputSchema</c>.</summary>
    public bool HasStructuredContent => this >= V20250618;

    /// <summary><c>structuredContent</c> may be any JSON value, not only an object.</summary>
    public bool AllowsAnyStructuredContent => IsModern;

    /// <summary>Content may be audio; tools have annotations.</summary>
    public bool HasAudio => this >= V20250326;

    /// <summary>Content may be a link to a resource.</summary>
    public bool HasResourceLinks => this >= V20250618;

    /// <summary>An unknown resource is error -32002; otherwise -32602.</summary>
    public bool HasResourceNotFoundCode => IsLegacy;

    /// <summary>Capabilities may hold <c>extensions</c>.</summary>
    public bool HasExtensions => IsModern;

    public static bool operator <(ProtocolRevision left, ProtocolRevision right) => left._age < right._age;

    public static bool operator >(ProtocolRevision left, ProtocolRevision right) => left._age > right._age;

    public static bool operator <=(ProtocolRevision left, ProtocolRevision right) => left._age <= right._age;

    public static bool operator >=(ProtocolRevision left, ProtocolRevision right) => left._age >= right._age;

    /// <summary>The revision of that name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ProtocolRevision revision)
    {
        var age = Array.IndexOf(Texts, text);
        revision = age < 0 ? default : new ProtocolRevision((byte)age);
        return age >= 0;
    }

    /// <summary>The revision of that name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static ProtocolRevision Parse(string text) =>
        TryParse(text, out var revision) ? revision : throw new FormatException($"No protocol revision: {text}");

    /// <summary>
    /// What a server answers to <c>initialize</c>: the revision asked for if it is a legacy one that we speak, otherwise our latest legacy one.
    /// A client that cannot speak that leaves.
    /// </summary>
    public static ProtocolRevision Negotiate(string? asked) =>
        TryParse(asked, out var revision) && revision.IsLegacy ? revision : NewestLegacy;

    /// <inheritdoc />
    public int CompareTo(ProtocolRevision other) => _age.CompareTo(other._age);

    /// <inheritdoc />
    public override string ToString() => Text;
}
