namespace McpActors.Core.Configuration;

/// <summary>
/// The settings of a server as far as they are written: what <c>defaults:</c> holds, and what a server's own map makes of it.
/// It becomes a <see cref="ServerModel"/> when it has an id and is complete.
/// </summary>
public sealed record ServerDefinition
{
    /// <summary>Nothing is written: every setting has its default.</summary>
    public static ServerDefinition Default { get; } = new();

    /// <summary>The settings; id, transport and revision mean nothing yet.</summary>
    internal ServerModel Settings { get; init; } = new() { Id = default, Title = "", Transport = ServerTransport.Http, Revision = "" };

    /// <summary>Stdio: a file of <c>NAME=value</c> lines. Default none.</summary>
    internal string? EnvironmentFile { get; init; }

    /// <summary>How it is said to be reached; null when that follows from url or command.</summary>
    internal ServerTransport? Transport { get; init; }
}
