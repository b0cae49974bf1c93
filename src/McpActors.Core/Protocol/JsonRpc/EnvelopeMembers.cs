namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>Where the members of <c>params</c> are that the gateway acts upon. All raw.</summary>
public struct ParamsMembers
{
    /// <summary>The whole value: an object, or the literal <c>null</c>.</summary>
    public ByteRange Range { get; internal set; }

    /// <summary>Whether the value is the literal <c>null</c>, which some peers send for "none".</summary>
    public bool IsNull { get; internal set; }
    public ByteRange Name { get; internal set; }
    public ByteRange Uri { get; internal set; }
    public ByteRange TaskId { get; internal set; }
    public ByteRange Cursor { get; internal set; }
    public ByteRange Arguments { get; internal set; }

    /// <summary><c>ref</c> of completion/complete, whole.</summary>
    public ByteRange Reference { get; internal set; }

    /// <summary><c>ref.type</c>.</summary>
    public ByteRange ReferenceType { get; internal set; }

    /// <summary><c>ref.name</c>, of a prompt.</summary>
    public ByteRange ReferenceName { get; internal set; }

    /// <summary><c>ref.uri</c>, of a resource or template.</summary>
    public ByteRange ReferenceUri { get; internal set; }

    /// <summary><c>requestId</c> of notifications/cancelled: a raw id.</summary>
    public ByteRange RequestId { get; internal set; }

    /// <summary><c>progressToken</c> of notifications/progress: a raw string or number.</summary>
    public ByteRange ProgressToken { get; internal set; }

    /// <summary><c>level</c> of logging/setLevel and notifications/message.</summary>
    public ByteRange Level { get; internal set; }

    /// <summary><c>protocolVersion</c> of initialize.</summary>
    public ByteRange ProtocolVersion { get; internal set; }

    /// <summary><c>capabilities</c> of initialize.</summary>
    public ByteRange Capabilities { get; internal set; }

    /// <summary><c>clientInfo</c> of initialize.</summary>
    public ByteRange ClientInfo { get; internal set; }

    /// <summary>Answers to an <c>input_required</c> result.</summary>
    public ByteRange InputResponses { get; internal set; }

    /// <summary>The state that an <c>input_required</c> result gave.</summary>
    public ByteRange RequestState { get; internal set; }

    /// <summary><c>task</c>, by which a 2025-11-25 client asks for a task.</summary>
    public ByteRange Task { get; internal set; }

    /// <summary>Whether the request continues an <c>input_required</c> one: such a result is never cached.</summary>
    public readonly bool IsContinuation => !InputResponses.IsNone || !RequestState.IsNone;
}

/// <summary>Where the members of <c>_meta</c> are that the gateway acts upon. All raw.</summary>
public struct MetaMembers
{
    /// <summary>The whole object.</summary>
    public ByteRange Range { get; internal set; }

    /// <summary>Whether it is there, but no object: <c>null</c>, or in a result whatever the server put there. Then <see cref="Range"/> is none.</summary>
    public bool IsNull { get; internal set; }
    public ByteRange ProgressToken { get; internal set; }
    public ByteRange ProtocolVersion { get; internal set; }
    public ByteRange ClientCapabilities { get; internal set; }
    public ByteRange ClientInfo { get; internal set; }
    public ByteRange LogLevel { get; internal set; }
    public ByteRange ServerInfo { get; internal set; }
    public ByteRange SubscriptionId { get; internal set; }
    public ByteRange TraceParent { get; internal set; }
    public ByteRange TraceState { get; internal set; }
    public ByteRange Baggage { get; internal set; }

    /// <summary><c>io.mcpactors/idempotencyKey</c>.</summary>
    public ByteRange IdempotencyKey { get; internal set; }

    /// <summary>Whether there is any <c>io.mcpactors/…</c> key; those are between the caller and the gateway.</summary>
    public bool HasGatewayKeys { get; internal set; }
}

/// <summary>Where the members of <c>result</c> are that the gateway acts upon. All raw.</summary>
public struct ResultMembers
{
    /// <summary>The whole value, as a rule an object.</summary>
    public ByteRange Range { get; internal set; }

    /// <summary>Whether the value is an object.</summary>
    public bool IsObject { get; internal set; }
    public ByteRange ResultType { get; internal set; }

    /// <summary>Whether <c>resultType</c> is absent or <c>"complete"</c>.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>Whether <c>resultType</c> is <c>"input_required"</c>.</summary>
    public bool IsInputRequired { get; internal set; }
    public ByteRange TtlMs { get; internal set; }
    public ByteRange CacheScope { get; internal set; }
    public ByteRange NextCursor { get; internal set; }
    public ByteRange IsErrorRange { get; internal set; }

    /// <summary>Whether <c>isError</c> is true: the tool's own failure.</summary>
    public bool IsError { get; internal set; }
    public ByteRange Content { get; internal set; }
    public ByteRange StructuredContent { get; internal set; }
    public ByteRange Tools { get; internal set; }
    public ByteRange Prompts { get; internal set; }
    public ByteRange Resources { get; internal set; }
    public ByteRange ResourceTemplates { get; internal set; }
    public ByteRange Contents { get; internal set; }

    /// <summary>Messages of prompts/get.</summary>
    public ByteRange Messages { get; internal set; }
    public ByteRange ProtocolVersion { get; internal set; }
    public ByteRange SupportedVersions { get; internal set; }
    public ByteRange Capabilities { get; internal set; }
    public ByteRange ServerInfo { get; internal set; }
    public ByteRange Instructions { get; internal set; }
    public ByteRange InputRequests { get; internal set; }
    public ByteRange RequestState { get; internal set; }
}
