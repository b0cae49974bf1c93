using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Sessions;
using McpActors.Transports;

namespace McpActors.Gateway.Pipeline;

/// <summary>Which of a server's log messages a caller wants.</summary>
internal static class LogLevels
{
    private static readonly string[] Texts = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    /// <summary>The level on the wire.</summary>
    public static string Text(SessionLogLevel level) => Texts[(int)level];

    /// <summary>The level of that name.</summary>
    public static bool TryParse(string? text, out SessionLogLevel level)
    {
        var index = Array.IndexOf(Texts, text);
        level = (SessionLogLevel)Math.Max(0, index);
        return index >= 0;
    }

    /// <summary>
    /// Whether a log message is for this caller. A modern one gets none unless its request names a level; a session gets what the server
    /// sends until it names one. A level that nobody knows passes: it is better read than lost.
    /// </summary>
    public static bool Wants(DownstreamCall call, in UpstreamMessage message)
    {
        var least = call.Caller.Session?.LogLevel;
        if (call.Caller.Revision.IsModern)
        {
            if (!TryParse(RawJson.Text(call.Body, call.Envelope.Meta.LogLevel), out var asked))
                return false;
            least = asked;
        }

        return least is null || !TryParse(RawJson.Text(message.Body, message.Envelope.Params.Level), out var level) || level >= least;
    }
}
