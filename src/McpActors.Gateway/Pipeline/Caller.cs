using McpActors.Core.Protocol.Versions;
using McpActors.Core.Sessions;

namespace McpActors.Gateway.Pipeline;

/// <summary>Who calls, as far as it shapes the call.</summary>
/// <param name="Revision">The protocol revision spoken with the caller.</param>
/// <param name="Session">The session of a legacy caller.</param>
/// <param name="Principal">Who it is; null where nobody is asked.</param>
internal readonly record struct Caller(ProtocolRevision Revision, SessionInfo? Session = null, string? Principal = null)
{
    /// <summary>Who calls while there is no authentication.</summary>
    public const string Anonymous = SessionInfo.Anonymous;
}
