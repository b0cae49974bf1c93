using System.Diagnostics;
using System.Globalization;
using McpActors.Core;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;

namespace McpActors.Gateway.Pipeline;

/// <summary>
/// Spans of calls, by the semantic conventions for MCP. The caller's context in <c>_meta</c> is the parent; that of the HTTP request is only a link,
/// because it may be a proxy's. Costs next to nothing while nobody listens.
/// </summary>
internal static class CallTracing
{
    private static readonly ActivitySource Source = new(Telemetry.Source);

    /// <summary>Starts the span of a whole call; null while nobody listens or samples.</summary>
    public static Activity? StartCall(DownstreamCall call)
    {
        if (!Source.HasListeners())
            return null;
        var http = Activity.Current;
        var activity = ActivityContext.TryParse(call.TraceParent, call.TraceState, isRemote: true, out var parent)
            ? Source.CreateActivity(NameOf(call), ActivityKind.Server, parent, links: http is null ? null : [new ActivityLink(http.Context)])
            : Source.CreateActivity(NameOf(call), ActivityKind.Server);
        Describe(activity, call);
        activity?.SetTag(Telemetry.Tags.ProtocolVersion, call.Caller.Revision.Text);
        return activity?.Start();
    }

    /// <summary>Starts the span of one attempt at the upstream.</summary>
    public static Activity? StartAttempt(DownstreamCall call, int attempt)
    {
        if (!Source.HasListeners())
            return null;
        var activity = Source.CreateActivity(NameOf(call), ActivityKind.Client);
        Describe(activity, call);
        activity?.SetTag(Telemetry.Tags.Attempt, attempt);
        activity?.SetTag(Telemetry.Tags.Transport, call.Server.Transport == ServerTransport.Stdio ? "pipe" : "tcp");
        return activity?.Start();
    }

    /// <summary>Marks the span of a call by its end.</summary>
    public static void End(Activity? activity, CallEnd end)
    {
        if (activity is null)
            return;
        if (end == CallEnd.Cached)
            activity.SetTag(Telemetry.Tags.CacheHit, true);
        if (end is CallEnd.Ok or CallEnd.Cached or CallEnd.Cancelled)
            return;
        Fail(activity, end == CallEnd.ToolError ? Telemetry.Tags.ToolError : end.ToString());
    }

    /// <summary>Marks the span of an attempt by its outcome.</summary>
    public static void End(Activity? activity, in AttemptOutcome outcome)
    {
        if (activity is null || outcome.Result is AttemptResult.Success or AttemptResult.Cancelled)
            return;
        if (outcome.ErrorCode is { } code)
            activity.SetTag(Telemetry.Tags.StatusCode, code);
        Fail(activity, outcome.Result == AttemptResult.ToolError ? Telemetry.Tags.ToolError
            : outcome.ErrorCode?.ToString(CultureInfo.InvariantCulture) ?? outcome.Result.ToString());
    }

    private static string NameOf(DownstreamCall call) => HasBoundedTarget(call) ? call.MethodName + " " + call.Target : call.MethodName;

    /// <summary>Tools and prompts are named in spans; URIs are not, for they may hold what nobody may see.</summary>
    private static bool HasBoundedTarget(DownstreamCall call) =>
        call.Target is not null && call.Method is McpMethod.ToolsCall or McpMethod.PromptsGet;

    private static void Describe(Activity? activity, DownstreamCall call)
    {
        if (activity is null)
            return;
        activity.SetTag(Telemetry.Tags.Method, call.MethodName);
        activity.SetTag(Telemetry.Tags.Server, call.ServerName);
        if (call.IsToolCall)
        {
            activity.SetTag(Telemetry.Tags.Tool, call.Target);
            activity.SetTag(Telemetry.Tags.Operation, Telemetry.Tags.ExecuteTool);
        }
        else if (call.Method == McpMethod.PromptsGet)
        {
            activity.SetTag(Telemetry.Tags.Prompt, call.Target);
        }
    }

    private static void Fail(Activity activity, string errorType)
    {
        activity.SetTag(Telemetry.Tags.ErrorType, errorType);
        activity.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>The span whose context goes upstream; null when there is none worth telling: then the caller's own context goes through.</summary>
    public static Activity? Current() => Activity.Current is { Source.Name: Telemetry.Source } activity ? activity : null;

    /// <summary>The trace id that an error shows: that of the running span, else a new one that only the log and the answer share.</summary>
    public static string TraceId() => Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();
}
