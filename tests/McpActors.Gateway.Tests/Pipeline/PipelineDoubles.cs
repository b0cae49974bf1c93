using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using McpActors.Cluster.Servers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using McpActors.Gateway.Pipeline;
using McpActors.Transports;

namespace McpActors.Gateway.Tests.Pipeline;

/// <summary>A server's actor that answers by script and keeps what it was told.</summary>
internal sealed class ScriptedActor : IServerCalls
{
    private readonly Queue<Func<CallId, CancellationToken, ValueTask<IServerReply>>> _replies = new();

    public List<object> Told { get; } = [];

    public ScriptedActor Answers(Func<CallId, IServerReply> reply)
    {
        _replies.Enqueue((call, _) => new(reply(call)));
        return this;
    }

    public ScriptedActor NeverAnswers()
    {
        _replies.Enqueue(static async (_, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            throw new InvalidOperationException();
        });
        return this;
    }

    public ValueTask<IServerReply> AdmitAsync(ServerProtocol.Admit command, CancellationToken ct)
    {
        Told.Add(command);
        return _replies.Dequeue()(command.Call, ct);
    }

    public ValueTask<IServerReply> AttemptFailedAsync(ServerProtocol.AttemptFailed command, CancellationToken ct)
    {
        Told.Add(command);
        return _replies.Dequeue()(command.Call, ct);
    }

    public void Complete(ServerProtocol.Complete command) => Told.Add(command);

    public void Abandon(ServerProtocol.Abandon command) => Told.Add(command);

    public void ReleaseSlot(ServerId server, SlotKey slot) => Told.Add(slot);

    public void ReleaseSlots(SlotKey slot) => Told.Add(slot);

    public Task<ServerStatus> GetStatusAsync(ServerId server, CancellationToken ct) => throw new NotSupportedException();

    public Task<ServerProtocol.CatalogueReply> GetCatalogueAsync(ServerProtocol.GetCatalogue query, CancellationToken ct) => throw new NotSupportedException();

    public Task<IServerReply> OperateAsync(ServerProtocol.IOperatorCommand command, CancellationToken ct) => throw new NotSupportedException();
}

/// <summary>A connection whose exchanges are scripted: each send takes the next script, each read the next message.</summary>
internal sealed class ScriptedConnection(long id, ProtocolRevision revision) : IUpstreamConnection
{
    private long _lastId = 40;

    public Queue<Func<UpstreamRequest, IUpstreamExchange>> Sends { get; } = new();

    public List<string> Sent { get; } = [];

    public List<string> Posted { get; } = [];

    public ConnectionId Id => new(id);

    public PeerInfo Peer { get; } = new(revision, "{}"u8.ToArray(), """{"name":"scripted","version":"1"}"""u8.ToArray(), null);

    public bool IsAlive => true;

    public int? ProcessId => null;

    public ConnectionDiagnostics Diagnostics => throw new NotSupportedException();

    public long NextRequestId() => ++_lastId;

    /// <summary>The next send yields these messages; <c>ID</c> in them stands for the request's id.</summary>
    public ScriptedConnection Yields(params string[] messages)
    {
        Sends.Enqueue(request => new ScriptedExchange([.. messages.Select(m => m.Replace("ID", request.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal))]));
        return this;
    }

    /// <summary>The next send fails.</summary>
    public ScriptedConnection Fails(UpstreamException failure)
    {
        Sends.Enqueue(_ => throw failure);
        return this;
    }

    public ValueTask<IUpstreamExchange> SendAsync(UpstreamRequest request, CancellationToken ct)
    {
        using var sent = request.Splices!.Apply(request.Body);
        Sent.Add(Encoding.UTF8.GetString(sent.ToArray()));
        return new(Sends.Dequeue()(request));
    }

    public ValueTask PostAsync(ReadOnlySequence<byte> message, CancellationToken ct)
    {
        Posted.Add(Encoding.UTF8.GetString(message));
        return default;
    }

    public ValueTask DisposeAsync() => default;
}

/// <summary>Yields its messages, then waits for ever.</summary>
internal sealed class ScriptedExchange(Queue<string> messages) : IUpstreamExchange
{
    public ScriptedExchange(IReadOnlyList<string> messages)
        : this(new Queue<string>(messages))
    {
    }

    public static ConcurrentBag<ScriptedExchange> Disposed { get; } = [];

    public async ValueTask<UpstreamMessage> ReadAsync(CancellationToken ct)
    {
        if (messages.Count == 0)
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(messages.Dequeue()));
        return new UpstreamMessage(JsonRpcScanner.Scan(body, JsonLimits.Upstream).Envelope, body);
    }

    public ValueTask DisposeAsync()
    {
        Disposed.Add(this);
        return default;
    }
}

/// <summary>Keeps what a client would have seen.</summary>
internal sealed class RecordingWriter : IDownstreamWriter
{
    public List<string> Messages { get; } = [];

    public string? Response { get; private set; }

    public GatewayError? Error { get; private set; }

    /// <summary>What writing the response throws, as a broken pipe would.</summary>
    public Exception? Breaks { get; init; }

    public bool Started => Messages.Count > 0;

    public bool TakesMessages => true;

    public ValueTask MessageAsync(ReadOnlySequence<byte> body, SplicePlan? splices, CancellationToken ct)
    {
        Messages.Add(Text(body, splices));
        return default;
    }

    public ValueTask ResponseAsync(DownstreamAnswer answer, CancellationToken ct)
    {
        if (Breaks is not null)
            throw Breaks;
        Response = Text(answer.Body, answer.Splices);
        return default;
    }

    public ValueTask ErrorAsync(GatewayError error, CancellationToken ct)
    {
        Error = error;
        return default;
    }

    private static string Text(in ReadOnlySequence<byte> body, SplicePlan? splices)
    {
        using var applied = splices?.Apply(body);
        return Encoding.UTF8.GetString(applied?.ToArray() ?? body.ToArray());
    }
}
