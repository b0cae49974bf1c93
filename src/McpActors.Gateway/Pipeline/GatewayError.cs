namespace McpActors.Gateway.Pipeline;

/// <summary>
/// An error that the gateway itself answers with. Its own codes (14xx, 15xx) lie outside of JSON-RPC's range, so that nobody takes them for the server's;
/// what the protocol itself fixes keeps the protocol's code.
/// </summary>
/// <param name="Code">JSON-RPC error code.</param>
/// <param name="Message">For a person or a model: which server, which tool, which rule, and what to do next.</param>
internal sealed record GatewayError(int Code, string Message)
{
    /// <summary>HTTP status on the MCP routes. 200 for the gateway's own errors: client SDKs drop other bodies.</summary>
    public int HttpStatus { get; init; } = 200;

    /// <summary>HTTP status over plain HTTP.</summary>
    public int RestStatus { get; init; } = 500;

    /// <summary>The id under which the log has it; null: that of the current span.</summary>
    public string? TraceId { get; init; }

    /// <summary>The server it is about.</summary>
    public string? Server { get; init; }

    /// <summary>The tool, prompt or resource it is about.</summary>
    public string? Tool { get; init; }

    /// <summary>Since when it is so.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When another try makes sense.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Why, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>In which phase of the call: <c>queue</c>, <c>upstream</c>.</summary>
    public string? Phase { get; init; }

    /// <summary>How long the call had taken.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary><c>notSent</c> when the call provably had no effect, <c>unknown</c> when it may have run.</summary>
    public string? Outcome { get; init; }

    /// <summary>What went wrong with the server's answer.</summary>
    public string? What { get; init; }

    /// <summary>The HTTP status the server answered with.</summary>
    public int? Status { get; init; }

    /// <summary>The nearest name that exists.</summary>
    public string? Suggestion { get; init; }

    /// <summary>The URI it is about.</summary>
    public string? Uri { get; init; }

    /// <summary>Revisions to choose from, for -32022.</summary>
    public IReadOnlyList<string>? Supported { get; init; }

    /// <summary>The revision that was asked for, for -32022.</summary>
    public string? Requested { get; init; }
}
