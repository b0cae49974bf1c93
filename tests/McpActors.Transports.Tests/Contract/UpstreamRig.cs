using System.Text.Json.Nodes;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.Versions;
using McpActors.MockServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpActors.Transports.Tests.Contract;

/// <summary>A mock server behind one kind of transport, and the means to look into it and to make it misbehave.</summary>
public abstract class UpstreamRig : IAsyncDisposable
{
    private readonly List<IUpstreamConnection> _connections = [];

    /// <summary>How it is reached.</summary>
    public abstract ServerModel Model { get; }

    internal TransportSettings Settings { get; init; } = new() { ResultLimit = 1024 * 1024, LineLimit = 1024 * 1024, StreamRetry = TimeSpan.FromMilliseconds(20) };

    internal RecordedEvents Events { get; } = new();

    internal UpstreamConnector Connector => field ??= new UpstreamConnector(Settings, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Starts the mock server.</summary>
    public abstract Task StartAsync(MockProtocol protocol);

    /// <summary>Makes it misbehave.</summary>
    public abstract Task AddAsync(Fault fault);

    /// <summary>What happened in it.</summary>
    public abstract Task<JsonObject> LedgerAsync();

    /// <summary>Opens a gate.</summary>
    public abstract Task ReleaseAsync(string gate);

    public async Task<IUpstreamConnection> ConnectAsync(ProtocolRevision? remembered = null)
    {
        using var patience = new CancellationTokenSource(Limits.Patience);
        var connection = await Connector.ConnectAsync(Models.Request(Model, remembered: remembered), Events, patience.Token);
        _connections.Add(connection);
        OnConnected(connection);
        return connection;
    }

    /// <summary>Looks at the ledger again and again: each look is a round trip, which is time enough.</summary>
    public async Task UntilAsync(Func<JsonObject, bool> condition)
    {
        using var patience = new CancellationTokenSource(Limits.Patience);
        while (!condition(await LedgerAsync()))
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await StopAsync();
        Connector.Dispose();
        GC.SuppressFinalize(this);
    }

    protected virtual void OnConnected(IUpstreamConnection connection)
    {
    }

    protected virtual ValueTask StopAsync() => ValueTask.CompletedTask;
}

/// <summary>The mock server in this process, over HTTP.</summary>
public sealed class HttpRig(AnswerMode answer) : UpstreamRig
{
    private MockMcpServer? _server;

    public MockMcpServer Server => _server!;

    public override ServerModel Model => Models.Http(Server.Url);

    public override async Task StartAsync(MockProtocol protocol) => _server = await MockMcpServer.StartAsync(new MockOptions { Protocol = protocol, Answer = answer });

    public override Task AddAsync(Fault fault)
    {
        Server.Behaviour.Add(fault);
        return Task.CompletedTask;
    }

    public override async Task<JsonObject> LedgerAsync()
    {
        await Task.Yield();
        return Server.Ledger.ToJson();
    }

    public override Task ReleaseAsync(string gate)
    {
        Server.Behaviour.Release(gate);
        return Task.CompletedTask;
    }

    protected override ValueTask StopAsync() => Server.DisposeAsync();
}

/// <summary>The mock server as a child process; it is looked into through the connection itself.</summary>
public sealed class StdioRig : UpstreamRig
{
    private string _protocol = "dual";
    private IUpstreamConnection? _connection;

    public override ServerModel Model => Models.Mock(_protocol);

    public override Task StartAsync(MockProtocol protocol)
    {
        _protocol = protocol == MockProtocol.V20260728 ? "2026-07-28" : "2025-11-25";
        return Task.CompletedTask;
    }

    public override Task AddAsync(Fault fault) => ControlAsync("fault", System.Text.Json.JsonSerializer.SerializeToNode(fault, System.Text.Json.JsonSerializerOptions.Web)!.AsObject());

    public override Task<JsonObject> LedgerAsync() => ControlAsync("ledger", []);

    public override Task ReleaseAsync(string gate) => ControlAsync("release", new JsonObject { ["gate"] = gate });

    protected override void OnConnected(IUpstreamConnection connection) => _connection = connection;

    private async Task<JsonObject> ControlAsync(string command, JsonObject parameters)
    {
        var answer = await _connection!.RunAsync(_connection!.ControlRequest(command, parameters));
        return answer["result"]!.DeepClone().AsObject();
    }
}

/// <summary>Tests that each have a mock server of their own.</summary>
public abstract class RigTests<TRig>(TRig rig, MockProtocol protocol) : IAsyncLifetime
    where TRig : UpstreamRig
{
    protected TRig Rig => rig;

    protected MockProtocol Protocol => protocol;

    public Task InitializeAsync() => rig.StartAsync(protocol);

    public async Task DisposeAsync() => await rig.DisposeAsync();
}
