using System.Text.Json.Nodes;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>The servers behind the cluster, each with a ledger of what really ran.</summary>
internal sealed class ChaosServers : IAsyncDisposable
{
    /// <summary>Stateless servers, over HTTP.</summary>
    public static readonly IReadOnlyList<string> Web = ["web-a", "web-b", "web-c", "web-d", "web-e", "web-f"];

    /// <summary>Servers with sessions.</summary>
    public static readonly IReadOnlyList<string> Legacy = ["legacy-a", "legacy-b", "legacy-c"];

    /// <summary>Servers that are processes.</summary>
    public static readonly IReadOnlyList<string> Children = ["child-a", "child-b", "child-c"];

    /// <summary>Takes orders of operators and no calls of the load.</summary>
    public const string Operated = "operated";

    /// <summary>Its breaker opens when it is called twice.</summary>
    public const string Trips = "trips";

    /// <summary>Its breaker opened before anything else happened, and is to stay open.</summary>
    public const string Open = "open";

    private readonly MockMcpServer _modern;
    private readonly MockMcpServer _legacy;
    private readonly TemporaryFolder _folder = new();

    private readonly MockMcpServer _failing;

    private ChaosServers(MockMcpServer modern, MockMcpServer legacy, MockMcpServer failing)
    {
        _modern = modern;
        _legacy = legacy;
        _failing = failing;
        _failing.Behaviour.Add(Fault.RpcError(-32603).OnTool("counter"));
    }

    public static async Task<ChaosServers> StartAsync() => new(
        await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 }),
        await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 }),
        await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 }));

    /// <summary>How often each token was executed.</summary>
    public IReadOnlyDictionary<string, int> Executions() => _modern.Ledger.Effects
        .Concat(_legacy.Ledger.Effects)
        .Concat(Directory.GetFiles(_folder.Path).SelectMany(Ledger.ReadFile))
        .Where(effect => effect.Token is not null)
        .GroupBy(effect => effect.Token!)
        .ToDictionary(token => token.Key, token => token.Count());

    /// <summary>The <c>servers</c> section.</summary>
    /// <param name="reached">Where the nodes find a URL of this process.</param>
    public string Yaml(Func<Uri, Uri> reached)
    {
        var child = new JsonObject
        {
            ["command"] = MockServerProgram.Path,
            ["args"] = new JsonArray([.. MockServerProgram.Stdio("2025-11-25", _folder.File("{pid}.jsonl")).Select(argument => (JsonNode)argument)]),
        }.ToJsonString();
        string Url(MockMcpServer mock) => reached(mock.Url).ToString();
        return string.Join('\n',
        [
            "servers:",
            .. Web.Append(Operated).Select(id => $"  {id}: {{ url: \"{Url(_modern)}\" }}"),
            .. Legacy.Select(id => $"  {id}: {{ url: \"{Url(_legacy)}\" }}"),
            .. Children.Select(id => $"  {id}: {child}"),
            .. ((string[])[Open, Trips]).Select(id => $"  {id}: {{ url: \"{Url(_failing)}\", circuit: {{ consecutiveFailures: 2, openFor: 1h, maxOpenFor: 2h }} }}"),
        ]);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _modern.DisposeAsync();
        await _legacy.DisposeAsync();
        await _failing.DisposeAsync();
        _folder.Dispose();
    }
}
