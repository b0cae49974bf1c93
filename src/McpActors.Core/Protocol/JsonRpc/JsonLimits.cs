namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>How much JSON a scan accepts, and how strict it is. Sizes in bytes are the transport's matter.</summary>
public sealed record JsonLimits
{
    /// <summary>For messages of callers: every object is checked for duplicate members.</summary>
    public static JsonLimits Request { get; } = new();

    /// <summary>
    /// For messages of upstreams: a long list has far more members than any request, and what lies below <c>result</c> is passed on
    /// as it is, so only the members that the gateway acts upon must be unambiguous.
    /// </summary>
    public static JsonLimits Upstream { get; } = new() { Members = 2_000_000, DuplicatesCheckedTo = 3 };

    /// <summary>Nesting of objects and arrays, 1 to 1000. Default 64.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Object members in the whole message. Default 10,000.</summary>
    public int Members { get; init; } = 10_000;

    /// <summary>Down to which nesting objects are checked for duplicate members; 1 is the envelope. Default: all.</summary>
    public int DuplicatesCheckedTo { get; init; } = int.MaxValue;
}
