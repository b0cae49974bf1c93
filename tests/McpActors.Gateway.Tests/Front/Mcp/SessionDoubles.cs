using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Tests.Front.Mcp;

/// <summary>Sessions whose owner is away; one may be known here, from before.</summary>
internal sealed class UnavailableSessions(bool noJournal, SessionInfo? known = null) : ISessions
{
    public int Count => 0;

    public ValueTask<SessionInfo?> FindAsync(string id, CancellationToken ct) => known is null ? throw Away() : new(known);

    public Task<SessionInfo> OpenAsync(SessionOpen open, CancellationToken ct) => throw Away();

    public Task<SessionInfo?> SetLogLevelAsync(string id, SessionLogLevel level, CancellationToken ct) => throw Away();

    public Task<SessionInfo?> SubscribeAsync(string id, ResourceSubscription resource, CancellationToken ct) => throw Away();

    public Task<SessionInfo?> UnsubscribeAsync(string id, ResourceSubscription resource, CancellationToken ct) => throw Away();

    public Task<bool> CloseAsync(string id, SessionEnd reason, CancellationToken ct) => throw Away();

    public void Touch(string id)
    {
    }

    public IReadOnlyList<SessionInfo> List() => [];

    private SessionUnavailableException Away() => new("not now") { NoJournal = noJournal };
}

/// <summary>A route of one server, whose requests are answered by the test.</summary>
internal sealed class RouteDouble(Func<McpMessage, IDownstreamWriter, CancellationToken, ValueTask>? answer = null) : IMcpRoute
{
    public string SessionRoute => "files";

    public static SessionInfo Session { get; } = new()
    {
        Id = "s",
        Route = "files",
        Profile = new ClientProfile(ProtocolRevision.V20250326, Array.Empty<byte>(), Array.Empty<byte>()),
        CreatedAt = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero),
    };

    public ValueTask<(PeerInfo? Peer, GatewayError? Error)> DescribeAsync(CancellationToken ct) => throw new NotSupportedException();

    public ValueTask RequestAsync(McpMessage message, IDownstreamWriter writer, CancellationToken ct) => answer?.Invoke(message, writer, ct) ?? throw new NotSupportedException();

    public ValueTask NotificationAsync(McpMessage message, CancellationToken ct) => throw new NotSupportedException();
}
