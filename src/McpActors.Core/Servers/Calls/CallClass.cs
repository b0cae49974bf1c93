namespace McpActors.Core.Servers.Calls;

/// <summary>How much a call may be repeated. A tool belongs to <see cref="WriteTool"/> unless the operator says otherwise.</summary>
public enum CallClass
{
    /// <summary>Lists, discovery, <c>prompts/get</c>, <c>resources/read</c>, completion: the protocol itself makes them free of effects.</summary>
    SafeProtocol,

    /// <summary>A tool the operator declared read-only.</summary>
    ReadOnlyTool,

    /// <summary>A tool the operator declared idempotent, or whose server takes our idempotency key: repeated with the same key.</summary>
    IdempotentTool,

    /// <summary>Any other tool: repeated only when it provably was not executed.</summary>
    WriteTool,
}

/// <summary>What the table of effects allows for a class of calls.</summary>
public static class CallClassRules
{
    /// <summary>Whether a call that may have reached the server may be sent again.</summary>
    public static bool MayRepeatAfterSend(this CallClass callClass) => callClass
        is CallClass.SafeProtocol or CallClass.ReadOnlyTool or CallClass.IdempotentTool;

    /// <summary>Whether identical calls share one upstream call without anybody opting in.</summary>
    public static bool CoalescesByDefault(this CallClass callClass) => callClass is CallClass.SafeProtocol;

    /// <summary>Whether the operator may opt in to coalescing, caching and hedging.</summary>
    public static bool MayShareAnswers(this CallClass callClass) => callClass is CallClass.SafeProtocol or CallClass.ReadOnlyTool;
}
