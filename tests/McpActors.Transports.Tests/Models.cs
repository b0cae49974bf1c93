using McpActors.Core.Configuration;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Upstream;
using McpActors.Testing;

namespace McpActors.Transports.Tests;

/// <summary>Servers to connect to.</summary>
internal static class Models
{
    private static long s_lastId;

    public static ServerModel Http(Uri url, string? protocol = null) => new()
    {
        Id = new ServerId("under-test"),
        Title = "under-test",
        Transport = ServerTransport.Http,
        Url = url,
        Protocol = protocol,
        Revision = "1",
    };

    public static ServerModel Stdio(string command, params IReadOnlyList<string> arguments) => new()
    {
        Id = new ServerId("under-test"),
        Title = "under-test",
        Transport = ServerTransport.Stdio,
        Command = command,
        Arguments = arguments,
        Environment = MockEnvironment,
        Revision = "1",
    };

    /// <summary>The mock server as a child.</summary>
    public static ServerModel Mock(string protocol = "dual", params string[] more)
        => Stdio(MockServerProgram.Path, MockServerProgram.Stdio(protocol, null, more));

    public static ConnectRequest Request(ServerModel server, ClientProfile? profile = null, ProtocolRevision? remembered = null)
        => new(server, SlotKey.Shared, profile, remembered, new ConnectionId(Interlocked.Increment(ref s_lastId)));

    public static ServerModel WithInitializeTimeout(this ServerModel server, TimeSpan limit)
        => server with { Timeout = TimeoutOptions.Default with { Initialize = limit } };

    /// <summary>A .NET program needs to find its runtime in a clean environment.</summary>
    private static Dictionary<string, string> MockEnvironment { get; } =
        Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? new() { ["DOTNET_ROOT"] = root } : [];
}
