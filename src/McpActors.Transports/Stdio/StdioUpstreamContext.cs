using McpActors.Core.Configuration;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Stdio;

/// <summary>What everything of one child's connection shares.</summary>
internal sealed record StdioUpstreamContext(ServerModel Server, TransportSettings Settings, IUpstreamEvents Events, TimeProvider Time, ILogger Log)
{
    /// <summary>The server's id for log lines.</summary>
    public string Name { get; } = Server.Id.ToString();
}
