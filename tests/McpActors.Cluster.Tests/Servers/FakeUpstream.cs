using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;
using McpActors.Transports.Remote;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>A server whose connections open, fail, hang and end as a test says. Counts what is asked of it.</summary>
internal sealed class FakeUpstream : IUpstreamConnector
{
    private readonly TaskCompletionSource<FakeConnection> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _connects;

    /// <summary>What an attempt to connect does; may wait.</summary>
    public Func<int, Task> OnConnect { get; set; } = _ => Task.CompletedTask;

    /// <summary>The answer to a list request, or an exception.</summary>
    public Func<string, string> OnList { get; set; } = _ => """{"tools":[]}""";

    public string Capabilities { get; set; } = "{}";

    public ProtocolRevision Revision { get; set; } = ProtocolRevision.V20251125;

    public int? ProcessId { get; set; }

    /// <summary>Whether its connections say that calls are on them.</summary>
    public bool? IsBusy { get; set; }

    public Task<FakeConnection> FirstOpened => _first.Task;

    public int Connects => Volatile.Read(ref _connects);

    public ConcurrentQueue<ConnectRequest> Requests { get; } = new();

    public ConcurrentDictionary<ConnectionId, FakeConnection> Open { get; } = new();

    public ConcurrentQueue<string> Lists { get; } = new();

    public async Task<IUpstreamConnection> ConnectAsync(ConnectRequest request, IUpstreamEvents events, CancellationToken ct)
    {
        var number = Interlocked.Increment(ref _connects);
        Requests.Enqueue(request);
        await OnConnect(number).WaitAsync(ct);
        var connection = new FakeConnection(this, request.Id, events);
        Open[request.Id] = connection;
        _first.TrySetResult(connection);
        return connection;
    }

    public IUpstreamConnection Join(ServerModel server, ConnectionId id, ConnectionLoan loan)
    {
        var connection = new FakeConnection(this, id, new Nobody());
        Open[id] = connection;
        return connection;
    }

    public static UpstreamException Refused() => new(AttemptResult.ConnectFailed, "connection refused");
}

/// <summary>Hears nothing.</summary>
internal sealed class Nobody : IUpstreamEvents
{
    public void OnMessage(ConnectionId id, ReadOnlyMemory<byte> message)
    {
    }

    public void OnClosed(ConnectionId id, UpstreamFault reason, int? exitCode)
    {
    }
}

/// <summary>One connection to a <see cref="FakeUpstream"/>.</summary>
internal sealed class FakeConnection(FakeUpstream server, ConnectionId id, IUpstreamEvents events) : IUpstreamConnection
{
    private long _lastId;

    public ConnectionId Id => id;

    public PeerInfo Peer { get; } = new(server.Revision, Encoding.UTF8.GetBytes(server.Capabilities), "{}"u8.ToArray(), null);

    public bool IsAlive => true;

    public bool? IsBusy => server.IsBusy;

    public int? ProcessId => server.ProcessId;

    public ConnectionDiagnostics Diagnostics => new(null, 0);

    public long NextRequestId() => Interlocked.Increment(ref _lastId);

    public ValueTask<IUpstreamExchange> SendAsync(UpstreamRequest request, CancellationToken ct)
    {
        var body = Encoding.UTF8.GetString(request.Body.ToArray());
        server.Lists.Enqueue(body);
        return ValueTask.FromResult<IUpstreamExchange>(new Exchange($$"""{"jsonrpc":"2.0","id":{{request.Id}},"result":{{server.OnList(body)}}}"""));
    }

    public ValueTask PostAsync(ReadOnlySequence<byte> message, CancellationToken ct) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        server.Open.TryRemove(id, out _);
        return ValueTask.CompletedTask;
    }

    public void Die() => events.OnClosed(id, new UpstreamFault("the process ended"), 137);

    public void Say(string message) => events.OnMessage(id, Encoding.UTF8.GetBytes(message));

    private sealed class Exchange(string response) : IUpstreamExchange
    {
        public ValueTask<UpstreamMessage> ReadAsync(CancellationToken ct)
        {
            var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(response));
            return ValueTask.FromResult(new UpstreamMessage(JsonRpcScanner.Scan(body, JsonLimits.Upstream).Envelope, body));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
