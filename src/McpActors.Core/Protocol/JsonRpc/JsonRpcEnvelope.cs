using System.Buffers;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>What a message is.</summary>
public enum JsonRpcKind : byte
{
    /// <summary>Nothing has been scanned into the envelope.</summary>
    None,
    Request,
    Notification,
    Response,
    ErrorResponse,
}

/// <summary>The JSON type of an id; <c>1</c> and <c>"1"</c> are different ids.</summary>
public enum JsonRpcIdKind : byte
{
    /// <summary>The message has no id.</summary>
    None,

    /// <summary>Only in responses of servers that could not read the request.</summary>
    Null,
    Number,
    String,
}

/// <summary>
/// Where the parts of one message are, in bytes from its start, found by one scan. It holds no bytes: the body it was scanned from must
/// be kept beside it. The ranges hold raw JSON, quotes included. An envelope may be scanned into again.
/// </summary>
public sealed class JsonRpcEnvelope
{
    private ParamsMembers _params;
    private MetaMembers _meta;
    private ResultMembers _result;

    /// <summary>What the message is.</summary>
    public JsonRpcKind Kind { get; internal set; }

    /// <summary>Raw id, quotes included: value and type.</summary>
    public ByteRange Id { get; internal set; }

    /// <summary>Type of the id.</summary>
    public JsonRpcIdKind IdKind { get; internal set; }

    /// <summary>Value of an integer id that fits; 0 otherwise.</summary>
    public long IdNumber { get; internal set; }

    /// <summary>The method; <see cref="McpMethod.Unknown"/> for one that no revision defines, and in responses.</summary>
    public McpMethod Method { get; internal set; }

    /// <summary>Raw method name.</summary>
    public ByteRange MethodName { get; internal set; }

    /// <summary>Members of <c>params</c>.</summary>
    public ref readonly ParamsMembers Params => ref _params;

    /// <summary>Members of <c>params._meta</c> or <c>result._meta</c>.</summary>
    public ref readonly MetaMembers Meta => ref _meta;

    /// <summary>Members of <c>result</c>.</summary>
    public ref readonly ResultMembers Result => ref _result;

    /// <summary>The whole <c>error</c> object.</summary>
    public ByteRange Error { get; internal set; }

    /// <summary><c>error.code</c>; 0 if it is absent or no integer.</summary>
    public int ErrorCode { get; internal set; }

    /// <summary>Raw <c>error.code</c>.</summary>
    public ByteRange ErrorCodeRange { get; internal set; }

    /// <summary>Raw <c>error.message</c>.</summary>
    public ByteRange ErrorMessage { get; internal set; }

    /// <summary>Raw <c>error.data</c>.</summary>
    public ByteRange ErrorData { get; internal set; }

    /// <summary>The raw string in <c>params</c> that <c>Mcp-Name</c> repeats: name, uri or taskId, as the method has it.</summary>
    public ByteRange Target => Method switch
    {
        McpMethod.ToolsCall or McpMethod.PromptsGet => _params.Name,
        McpMethod.ResourcesRead or McpMethod.ResourcesSubscribe or McpMethod.ResourcesUnsubscribe
            or McpMethod.ResourceUpdatedNotification => _params.Uri,
        McpMethod.TasksGet or McpMethod.TasksResult or McpMethod.TasksCancel or McpMethod.TasksUpdate
            or McpMethod.TaskStatusNotification => _params.TaskId,
        _ => ByteRange.None,
    };

    internal ref ParamsMembers MutableParams => ref _params;

    internal ref MetaMembers MutableMeta => ref _meta;

    internal ref ResultMembers MutableResult => ref _result;

    /// <summary>The method's name on the wire.</summary>
    public string MethodText(in ReadOnlySequence<byte> body) =>
        Method == McpMethod.Unknown ? RawJson.Text(body, MethodName) ?? "" : Method.Text();

    /// <summary><see cref="Target"/> decoded; null when there is none or it is no string.</summary>
    public string? TargetText(in ReadOnlySequence<byte> body) => RawJson.Text(body, Target);

    internal void Clear()
    {
        Kind = JsonRpcKind.None;
        Id = MethodName = Error = ErrorCodeRange = ErrorMessage = ErrorData = default;
        IdKind = JsonRpcIdKind.None;
        IdNumber = 0;
        Method = McpMethod.Unknown;
        ErrorCode = 0;
        _params = default;
        _meta = default;
        _result = default;
    }
}
