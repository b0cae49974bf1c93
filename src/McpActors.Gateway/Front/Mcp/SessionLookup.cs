using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Sessions;
using McpActors.Gateway.Front.Security;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>
/// Finds the session that a legacy request names. An absent id is 400, an unknown one 404, and never is another session taken in its place. Somebody else's session is an unknown one.
/// </summary>
internal sealed class SessionLookup(ISessions sessions)
{
    private const int LongestId = 128;

    /// <summary>The session, or the refusal.</summary>
    public async ValueTask<(SessionInfo? Session, GatewayError? Error)> FindAsync(HttpContext http, IMcpRoute route)
    {
        var header = http.Request.Headers[McpHeaders.SessionId];
        if (header.Count != 1 || string.IsNullOrEmpty(header[0]))
            return (null, GatewayErrors.Protocol(400, "The header Mcp-Session-Id is missing; send initialize first and repeat the id it returns."));
        var version = http.Request.Headers[McpHeaders.ProtocolVersion];
        if (version.Count != 0 && !(ProtocolRevision.TryParse(version, out var revision) && revision.IsLegacy))
            return (null, GatewayErrors.UnsupportedLegacyVersion(version.ToString()));
        try
        {
            var id = header[0]!;
            var session = id.Length <= LongestId ? await sessions.FindAsync(id, http.RequestAborted) : null;
            if (session is null || session.Route != route.SessionRoute || session.Principal != http.Principal())
                return (null, GatewayErrors.Protocol(404, "This session is not known here (any more); send initialize again."));
            sessions.Touch(id);
            return (session, null);
        }
        catch (SessionUnavailableException unavailable)
        {
            return (null, GatewayErrors.From(unavailable));
        }
    }
}
