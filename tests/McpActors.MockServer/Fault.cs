using System.Text.Json.Serialization;

namespace McpActors.MockServer;

/// <summary>What goes wrong.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>Waits <see cref="Fault.Ms"/>, then answers as usual.</summary>
    Delay,

    /// <summary>Waits until <see cref="Behaviour.Release"/> is called with <see cref="Fault.Gate"/>, then answers as usual.</summary>
    Hold,

    /// <summary>Never answers.</summary>
    Hang,

    /// <summary>Answers with <see cref="Fault.Status"/>, <see cref="Fault.Headers"/> and <see cref="Fault.Body"/>; on stdio a JSON-RPC error -32603.</summary>
    Status,

    /// <summary>Drops every session first and so answers as to an unknown one.</summary>
    ForgetSessions,

    /// <summary>Closes the connection without a byte (stdio: exits).</summary>
    Disconnect,

    /// <summary>Cuts the answer, JSON or event stream as the call would have it, after the share <see cref="Fault.At"/>.</summary>
    Cut,

    /// <summary>As <see cref="Cut"/>, always in the middle of a JSON body with a full Content-Length.</summary>
    CutJson,

    /// <summary>As <see cref="Cut"/>, always in the middle of a server-sent event.</summary>
    CutSse,

    /// <summary>Sends the answer in ten pieces, <see cref="Fault.Ms"/> apart.</summary>
    Trickle,

    /// <summary>Answers with text that is no JSON.</summary>
    Malformed,

    /// <summary>Answers with a result of at least <see cref="Fault.Bytes"/> bytes.</summary>
    Oversize,

    /// <summary>Answers with another request's id.</summary>
    MismatchedId,

    /// <summary>Answers with a JSON-RPC error of <see cref="Fault.Code"/> and <see cref="Fault.Body"/> as message.</summary>
    RpcError,

    /// <summary>A program exits with <see cref="Fault.Code"/>; in process all connections are aborted and the listener closes.</summary>
    Crash,

    /// <summary>Writes <see cref="Fault.Bytes"/> bytes, or <see cref="Fault.Body"/>, to standard error and answers as usual.</summary>
    LeakStderr,

    /// <summary>Stdio: writes <see cref="Fault.Body"/> as a line of its own to standard output and answers as usual.</summary>
    GarbageStdout,
}

/// <summary>
/// One rule of misbehaviour: which requests it meets, how often, and what happens. The JSON form of the control interface has the same
/// members in camel case, for example <c>{"kind":"Status","status":503,"method":"tools/call","tool":"echo","times":2}</c>.
/// </summary>
public sealed record Fault
{
    /// <summary>What goes wrong.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>JSON-RPC method it meets; null meets all, also the GET (<c>GET</c>) and DELETE (<c>DELETE</c>) of HTTP.</summary>
    public string? Method { get; init; }

    /// <summary>Tool it meets; null meets all. Implies <c>tools/call</c>.</summary>
    public string? Tool { get; init; }

    /// <summary>How many matching requests let it pass before it acts. Default: 0.</summary>
    public int Skip { get; init; }

    /// <summary>How often it acts; null for ever. Default: null.</summary>
    public int? Times { get; init; }

    /// <summary>Flapping: after this many requests that failed come <see cref="Pass"/> good ones, and again. 0 does not flap. Default: 0.</summary>
    public int Fail { get; init; }

    /// <summary>Flapping: good requests between two runs of failures. Default: 1.</summary>
    public int Pass { get; init; } = 1;

    /// <summary>Whether the tool is executed before a status, error, hang, disconnect or crash. Default: no.</summary>
    public bool Execute { get; init; }

    /// <summary>Milliseconds of a delay or between pieces.</summary>
    public int Ms { get; init; }

    /// <summary>HTTP status.</summary>
    public int Status { get; init; } = 500;

    /// <summary>HTTP headers beside the status, for example Retry-After or WWW-Authenticate.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Text: body of a status, message of an error, garbage.</summary>
    public string? Body { get; init; }

    /// <summary>JSON-RPC error code or exit code.</summary>
    public int Code { get; init; } = -32603;

    /// <summary>Size in bytes.</summary>
    public int Bytes { get; init; }

    /// <summary>Share of the answer that is sent before a cut, 0 to 1. Default: 0.5.</summary>
    public double At { get; init; } = 0.5;

    /// <summary>Name of the gate of a hold.</summary>
    public string Gate { get; init; } = "gate";

    /// <summary>Waits, then answers as usual.</summary>
    public static Fault Delay(int ms) => new() { Kind = FaultKind.Delay, Ms = ms };

    /// <summary>Waits for <see cref="Behaviour.Release"/>, then answers as usual: a delay that a test controls without a clock.</summary>
    public static Fault Hold(string gate) => new() { Kind = FaultKind.Hold, Gate = gate };

    /// <summary>Never answers.</summary>
    public static Fault Hang() => new() { Kind = FaultKind.Hang };

    /// <summary>Answers with an HTTP status.</summary>
    public static Fault WithStatus(int status, string? retryAfter = null, string? body = null) => new()
    {
        Kind = FaultKind.Status,
        Status = status,
        Body = body,
        Headers = retryAfter is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = retryAfter },
    };

    /// <summary>Answers with a JSON-RPC error.</summary>
    public static Fault RpcError(int code, string message = "mock error") => new() { Kind = FaultKind.RpcError, Code = code, Body = message };

    /// <summary>A fault that needs no figure.</summary>
    public static Fault Of(FaultKind kind) => new() { Kind = kind };

    /// <summary>Restricts it to a method.</summary>
    public Fault On(string method) => this with { Method = method };

    /// <summary>Restricts it to a tool.</summary>
    public Fault OnTool(string tool) => this with { Tool = tool, Method = "tools/call" };

    /// <summary>Restricts it to the next so many matching requests.</summary>
    public Fault For(int times) => this with { Times = times };

    /// <summary>Executes the tool before it fails: the effect happened, the answer is lost.</summary>
    public Fault AfterExecuting() => this with { Execute = true };

    /// <summary>Fails so many times, passes so many, and again.</summary>
    public Fault Flapping(int fail, int pass) => this with { Fail = fail, Pass = pass };
}
