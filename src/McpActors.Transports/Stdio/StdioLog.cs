using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Stdio;

/// <summary>Log lines of children, numbered from 3200.</summary>
internal static partial class StdioLog
{
    [LoggerMessage(3200, LogLevel.Information, "Server {Server} started as process {ProcessId}: {Program}")]
    public static partial void ProcessStarted(this ILogger log, string server, int processId, string program);

    [LoggerMessage(3201, LogLevel.Information, "Process {ProcessId} of server {Server} ended with exit code {ExitCode}: {Reason}")]
    public static partial void ProcessEnded(this ILogger log, string server, int processId, int? exitCode, string reason);

    [LoggerMessage(3202, LogLevel.Debug, "stderr of server {Server}: {Text}")]
    public static partial void Stderr(this ILogger log, string server, string text);

    [LoggerMessage(3203, LogLevel.Warning, "Server {Server} wrote a line to stdout that is no MCP message ({Count} so far); only MCP messages belong there: {Text}")]
    public static partial void Garbage(this ILogger log, string server, long count, string text);

    [LoggerMessage(3204, LogLevel.Warning, "Server {Server} cannot be reached for its cancellation or answer: {Reason}")]
    public static partial void PostFailed(this ILogger log, string server, string reason);

    [LoggerMessage(3205, LogLevel.Debug, "Server {Server} answered request {Id}, which nobody waits for")]
    public static partial void Unclaimed(this ILogger log, string server, long id);

    [LoggerMessage(3206, LogLevel.Warning, "Server {Server} ended before it was ready: {Reason}\n{Stderr}")]
    public static partial void NotReady(this ILogger log, string server, string reason, string stderr);
}
