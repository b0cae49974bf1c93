using System.Globalization;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;

namespace McpActors.Gateway.Pipeline;

/// <summary>The table of errors: what happened, and what each kind of caller is told.</summary>
internal static class GatewayErrors
{
    public const string NotSent = "notSent";
    public const string Unknown = "unknown";

    private static readonly string[] ModernVersions = [.. ProtocolRevision.Discoverable.Select(static r => r.Text)];

    private static readonly TimeSpan DrainingRetry = TimeSpan.FromSeconds(2);

    public static GatewayError Parse(string detail) =>
        new(McpErrorCodes.ParseError, "The body is no valid JSON: " + detail) { HttpStatus = 400, RestStatus = 400 };

    public static GatewayError InvalidRequest(string detail) =>
        new(McpErrorCodes.InvalidRequest, "The body is no valid JSON-RPC message: " + detail) { HttpStatus = 400, RestStatus = 400 };

    public static GatewayError InvalidParams(string detail) => new(McpErrorCodes.InvalidParams, detail) { RestStatus = 400 };

    public static GatewayError From(in JsonRpcFault fault) => new(fault.Code, fault.Message) { HttpStatus = 400, RestStatus = 400 };

    public static GatewayError HeaderMismatch(string detail) => new(McpErrorCodes.HeaderMismatch, detail) { HttpStatus = 400, RestStatus = 400 };

    public static GatewayError MissingMeta(string key) =>
        new(McpErrorCodes.InvalidParams, $"params._meta must have '{key}'.") { HttpStatus = 400, RestStatus = 400 };

    public static GatewayError UnsupportedVersion(string version) => new(McpErrorCodes.UnsupportedProtocolVersion, "This protocol version is not spoken here.")
    {
        HttpStatus = 400,
        RestStatus = 400,
        Requested = Short(version),
        Supported = ModernVersions,
    };

    /// <summary>The older revisions have no code of their own for it.</summary>
    public static GatewayError UnsupportedLegacyVersion(string version) =>
        Protocol(400, $"MCP-Protocol-Version '{Short(version)}' is not spoken here.");

    public static GatewayError UnknownResource(string uri, bool hasOwnCode) =>
        new(hasOwnCode ? McpErrorCodes.ResourceNotFound : McpErrorCodes.InvalidParams, "No server here has this resource.") { RestStatus = 404, Uri = Short(uri) };

    public static GatewayError From(SessionUnavailableException unavailable) =>
        new(McpErrorCodes.Unavailable, unavailable.NoJournal
            ? "The session cannot be read, because the journal does not answer at the moment; try again."
            : "The session's owner does not answer at the moment; try again.")
        {
            HttpStatus = 503,
            RestStatus = 503,
            Reason = unavailable.NoJournal ? "noJournal" : "noOwner",
            RetryAfter = DrainingRetry,
        };

    /// <summary>A full node, which is worth another attempt, or a session that is refused wherever it is tried.</summary>
    public static GatewayError SessionRefused(string detail, TimeSpan? retryAfter) => retryAfter is null
        ? InvalidParams(detail)
        : new(McpErrorCodes.Busy, detail) { RestStatus = 429, Reason = "sessions", RetryAfter = retryAfter };

    /// <summary>A server of which nothing was ever learnt cannot be reached.</summary>
    public static GatewayError NeverReached(string server, string? reason) =>
        new(McpErrorCodes.BadUpstream, $"Server '{server}' cannot be reached: {reason ?? "no reason is known"}.")
        {
            RestStatus = 502,
            Server = server,
            Outcome = NotSent,
            What = "unreachable",
            Reason = reason,
        };

    public static GatewayError NeedsInput(string server, string tool) =>
        new(McpErrorCodes.BadUpstream, $"Tool '{tool}' of server '{server}' asks for input from a user, which plain HTTP has no way for; call it over MCP.")
        {
            RestStatus = 502,
            Server = server,
            Tool = tool,
            What = "inputRequired",
        };

    /// <summary>A modern caller takes a 404 with this code for a modern server without the method; older ones know it inside a 200 only.</summary>
    public static GatewayError UnknownMethod(string? method, bool modern) =>
        new(McpErrorCodes.MethodNotFound, $"The method '{method}' is not known here.") { HttpStatus = modern ? 404 : 200, RestStatus = 404 };

    /// <summary>A refusal by HTTP itself: Accept, media type, method, session.</summary>
    public static GatewayError Protocol(int status, string detail) =>
        new(McpErrorCodes.InvalidRequest, detail) { HttpStatus = status, RestStatus = status };

    public static GatewayError TooLarge(long limit) =>
        Protocol(413, $"The body is larger than the {limit.ToString(CultureInfo.InvariantCulture)} bytes that are allowed here (limits.request).");

    public static GatewayError UnknownServerId(string id, string? nearest) =>
        new(McpErrorCodes.UnknownServer, $"There is no server '{id}' here." + Nearest(nearest)) { HttpStatus = 404, RestStatus = 404, Server = id, Suggestion = nearest };

    public static GatewayError UnknownTool(string kind, string name, string? server, string? nearest) =>
        new(McpErrorCodes.InvalidParams, $"Unknown {kind} '{name}'" + (server is null ? "." : $" at server '{server}'.") + Nearest(nearest))
        {
            RestStatus = 404,
            Server = server,
            Tool = name,
            Suggestion = nearest,
        };

    /// <summary>What a caller is told whom a node does not let in; nothing of its request was read.</summary>
    public static GatewayError NotTaken(IDrain drain) => drain.IsCutOff && !drain.Draining
        ? NotTaken("This node is cut off from its cluster; try again, another one will answer.", "cutOff")
        : NotTaken("This node is shutting down; try again, another one will answer.", "draining");

    private static GatewayError NotTaken(string text, string reason) => new(McpErrorCodes.Unavailable, text)
    {
        HttpStatus = 503,
        RestStatus = 503,
        Reason = reason,
        RetryAfter = DrainingRetry,
    };

    /// <summary>A call in hand when the drain time of the node was over.</summary>
    public static GatewayError DrainedAway(DownstreamCall call, bool mayHaveRun) =>
        new(mayHaveRun ? McpErrorCodes.BadUpstream : McpErrorCodes.Unavailable, $"This node is shutting down and waits no longer for server '{call.ServerName}'"
            + (mayHaveRun ? "; the call may have run." : "; the call was not sent, another node will answer."))
        {
            RestStatus = mayHaveRun ? 502 : 503,
            Server = call.ServerName,
            Tool = call.Target,
            Outcome = mayHaveRun ? Unknown : NotSent,
            What = mayHaveRun ? "nodeStopped" : null,
            Reason = "draining",
            RetryAfter = mayHaveRun ? null : DrainingRetry,
        };

    /// <summary>An internal fault: nothing of it is shown but the id that the log has too.</summary>
    public static GatewayError Fault(bool mayHaveRun) =>
        new(McpErrorCodes.GatewayFault, "The gateway failed on this call. Its log has the details under the trace id.")
        {
            RestStatus = 500,
            Outcome = mayHaveRun ? Unknown : NotSent,
        };

    /// <summary>What the caller of a refused call is told. Nothing was sent.</summary>
    public static GatewayError From(ServerProtocol.Rejected rejected, DownstreamCall call, TimeSpan elapsed)
    {
        var server = call.ServerName;
        return rejected.Reason switch
        {
            RejectReason.CircuitOpen => new(McpErrorCodes.Unavailable, $"Server '{server}' is not called: {rejected.Text}.{RetryIn(rejected.RetryAfter)}")
            {
                RestStatus = 503,
                Server = server,
                Tool = call.Target,
                Since = rejected.Since,
                RetryAfter = rejected.RetryAfter,
                Reason = rejected.Text,
            },
            RejectReason.QueueFull => new(McpErrorCodes.Busy, $"Server '{server}' is busy and its queue is full.{RetryIn(rejected.RetryAfter)}")
            {
                RestStatus = 429,
                Server = server,
                Tool = call.Target,
                RetryAfter = rejected.RetryAfter ?? TimeSpan.FromSeconds(1),
                Reason = rejected.Text,
            },
            RejectReason.QueueTimeout => new(McpErrorCodes.Busy, $"Server '{server}' is busy: no place came free in time.{RetryIn(rejected.RetryAfter)}")
            {
                RestStatus = 429,
                Server = server,
                Tool = call.Target,
                RetryAfter = rejected.RetryAfter ?? TimeSpan.FromSeconds(1),
                Phase = "queue",
                Reason = rejected.Text,
            },
            RejectReason.DeadlinePassed => Deadline(call, "queue", elapsed, mayHaveRun: false),
            RejectReason.Unavailable => new(McpErrorCodes.BadUpstream, $"Server '{server}' cannot be reached: {rejected.Text}.{RetryIn(rejected.RetryAfter)}")
            {
                RestStatus = 502,
                Server = server,
                Tool = call.Target,
                Outcome = NotSent,
                What = "unreachable",
                Reason = rejected.Text,
                RetryAfter = rejected.RetryAfter,
            },
            RejectReason.Disabled => new(McpErrorCodes.Unavailable, $"Server '{server}' is disabled by its configuration.")
            {
                RestStatus = 503,
                Server = server,
                Tool = call.Target,
                Reason = "disabled",
            },
            RejectReason.Draining => new(McpErrorCodes.Unavailable, $"Server '{server}' has no owner at the moment; try again.")
            {
                RestStatus = 503,
                Server = server,
                Tool = call.Target,
                Reason = "noOwner",
                RetryAfter = rejected.RetryAfter ?? DrainingRetry,
            },
            _ => UnknownServerId(server, null) with { HttpStatus = 200 },
        };
    }

    /// <summary>The deadline of the call passed.</summary>
    public static GatewayError Deadline(DownstreamCall call, string phase, TimeSpan elapsed, bool mayHaveRun) =>
        new(McpErrorCodes.DeadlinePassed, $"Server '{call.ServerName}' gave no answer to {Subject(call)} in time"
            + (mayHaveRun ? "; the call may have run." : "; the call was not sent."))
        {
            RestStatus = 504,
            Server = call.ServerName,
            Tool = call.Target,
            Phase = phase,
            Elapsed = elapsed,
            Outcome = mayHaveRun ? Unknown : NotSent,
        };

    /// <summary>What the caller is told of a call whose last attempt failed and that is not tried again.</summary>
    public static GatewayError From(in AttemptOutcome outcome, DownstreamCall call, TimeSpan elapsed, string? detail)
    {
        var mayHaveRun = !outcome.ProvablyNotExecuted;
        if (outcome.Result == AttemptResult.Timeout)
            return Deadline(call, "upstream", elapsed, mayHaveRun);
        var server = call.ServerName;
        var what = What(outcome.Result);
        var error = new GatewayError(McpErrorCodes.BadUpstream, $"Server '{server}' failed on {Subject(call)}: {Words(outcome, detail)}"
            + (mayHaveRun && outcome.IsUnknown ? "; the call may have run." : "; the call was not executed.") + RetryIn(outcome.RetryAfter))
        {
            RestStatus = 502,
            Server = server,
            Tool = call.Target,
            RetryAfter = outcome.RetryAfter,
            Outcome = mayHaveRun && outcome.IsUnknown ? Unknown : NotSent,
            What = what,
            Reason = detail,
        };
        return outcome.Result is AttemptResult.ServerError or AttemptResult.Throttled or AttemptResult.AuthRejected or AttemptResult.ProtocolError
            ? error with { Status = outcome.StatusCode }
            : error;
    }

    private static string What(AttemptResult result) => result switch
    {
        AttemptResult.ConnectFailed => "unreachable",
        AttemptResult.Reset => "connectionLost",
        AttemptResult.ProcessLost => "processLost",
        AttemptResult.SessionLost => "sessionLost",
        AttemptResult.Malformed => "malformed",
        AttemptResult.TooLarge => "tooLarge",
        AttemptResult.Throttled => "throttled",
        AttemptResult.AuthRejected => "credentialsRefused",
        AttemptResult.NodeLost => "nodeLost",
        _ => "serverError",
    };

    private static string Words(in AttemptOutcome outcome, string? detail) => outcome.Result switch
    {
        AttemptResult.ConnectFailed => "it cannot be reached",
        AttemptResult.Reset => "the connection broke",
        AttemptResult.ProcessLost => "its process ended",
        AttemptResult.SessionLost => "it keeps forgetting its session",
        AttemptResult.Malformed => "its answer is malformed",
        AttemptResult.TooLarge => "its answer is larger than limits.result allows",
        AttemptResult.Throttled => "it limits our rate",
        AttemptResult.NodeLost => "the node that runs it was lost",
        AttemptResult.AuthRejected => "it refuses the gateway's own credentials; ask the operator",
        AttemptResult.ProtocolError when outcome.StatusCode is null => detail ?? "it refused the request",
        _ => "it answered HTTP " + (outcome.StatusCode ?? 0).ToString(CultureInfo.InvariantCulture),
    };

    private static string Subject(DownstreamCall call) => call.Target is { } target ? $"'{target}'" : $"'{call.MethodName}'";

    private static string Short(string text) => text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "…");

    private static string Nearest(string? nearest) => nearest is null ? "" : $" Did you mean '{nearest}'?";

    private static string RetryIn(TimeSpan? wait) => wait is { } time
        ? string.Create(CultureInfo.InvariantCulture, $" Try again in {Math.Max(1, Math.Ceiling(time.TotalSeconds))} s.")
        : "";
}
