using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Http;

/// <summary>Log lines of HTTP upstreams, numbered from 3000.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(3000, LogLevel.Information, "Server {Server} opened a session ({Revision})")]
    public static partial void SessionOpened(this ILogger log, string server, string revision);

    [LoggerMessage(3001, LogLevel.Information, "Server {Server} no longer knows our session: {Reason}")]
    public static partial void SessionLost(this ILogger log, string server, string reason);

    [LoggerMessage(3002, LogLevel.Debug, "Server {Server} could not be told goodbye: {Reason}")]
    public static partial void FarewellFailed(this ILogger log, string server, string reason);

    [LoggerMessage(3003, LogLevel.Debug, "The stream of server {Server} ended: {Reason}; it is opened again in {Wait}")]
    public static partial void StreamEnded(this ILogger log, string server, string reason, TimeSpan wait);

    [LoggerMessage(3004, LogLevel.Warning, "Server {Server} sent a message on its stream that is no JSON-RPC: {Reason}")]
    public static partial void StreamGarbage(this ILogger log, string server, string reason);

    [LoggerMessage(3005, LogLevel.Debug, "Server {Server} offers no stream of its own (HTTP {Status})")]
    public static partial void NoStream(this ILogger log, string server, int status);

    [LoggerMessage(3006, LogLevel.Warning, "Server {Server} did not take our answer to its request: {Reason}")]
    public static partial void AnswerFailed(this ILogger log, string server, string reason);
}
