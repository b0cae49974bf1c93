using System.Buffers;
using System.Globalization;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Handshake;
using McpActors.Transports.Remote;

namespace McpActors.Transports.Stdio;

/// <summary>
/// A child process that speaks MCP over its standard input and output; the requests of all callers share it under ids of our own.
/// Started → (initialised by the handshake) → Lost, by its own end or by disposal.
/// </summary>
internal sealed class StdioConnection : IUpstreamConnection, IHandshakePeer, ILendable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    private readonly ChildProcess _child;
    private readonly StdioInbox _inbox;
    private readonly StdioWriter _writer;
    private readonly PendingExchanges _pending;
    private readonly StderrReader _stderr;
    private readonly StdioUpstreamContext _context;
    private readonly Task _run;
    private PeerInfo? _peer;
    private long _lastId;
    private volatile bool _ended;
    private volatile bool _disposing;
    private volatile bool _announced;
    private volatile string _loss = "the server's process has ended";
    private int _disposed;

    private StdioConnection(ConnectionId id, ChildProcess child, StdioUpstreamContext context)
    {
        Id = id;
        _child = child;
        _context = context;
        _pending = new PendingExchanges();
        _writer = new StdioWriter(child.Input);
        _stderr = new StderrReader(child.Error, context);
        _inbox = new StdioInbox(id, _pending, _writer, context);
        _run = RunAsync();
    }

    /// <inheritdoc />
    public ConnectionId Id { get; }

    /// <inheritdoc />
    public PeerInfo Peer
    {
        get => _peer ?? throw new InvalidOperationException("The handshake is not over");
        set => _peer = value;
    }

    /// <inheritdoc />
    public bool IsAlive => !_ended && !_disposing;

    /// <inheritdoc />
    public int? ProcessId => _child.Id;

    /// <inheritdoc />
    public bool? IsBusy => !_pending.IsEmpty;

    /// <inheritdoc />
    /// <summary>What the child said last on stderr, for operators.</summary>
    internal string? LastStderrLine => _stderr.Tail.LastLine();

    /// <summary>How it was lost; once it is disposed also with which exit code. A call that finds the input closed is told before that is known.</summary>
    internal string Loss => _loss;

    public ConnectionDiagnostics Diagnostics => new(_stderr.Tail.ToString(), _inbox.Discarded);

    /// <summary>Starts the child.</summary>
    /// <exception cref="UpstreamException">The program does not exist or cannot be started.</exception>
    public static StdioConnection Start(ConnectionId id, StdioUpstreamContext context, ProcessReaper reaper)
    {
        var child = ChildLauncher.Start(context.Server, reaper, context.Time, context.Settings.StopGrace);
        context.Log.ProcessStarted(context.Server.Id.ToString(), child.Id, context.Server.Command ?? "");
        return new StdioConnection(id, child, context);
    }

    /// <inheritdoc />
    public long NextRequestId() => Interlocked.Increment(ref _lastId);

    /// <inheritdoc />
    public void Retire()
    {
        // Calls of other nodes come by way of this one, which sees them all.
    }

    /// <inheritdoc />
    public ConnectionLoan? Lend() => new(
        Peer, null, IsProcess: true, Interlocked.Add(ref _lastId, ConnectionLoan.UsualIds) - ConnectionLoan.UsualIds + 1, ConnectionLoan.UsualIds);

    /// <inheritdoc />
    public async ValueTask<IUpstreamExchange> SendAsync(UpstreamRequest request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var exchange = new StdioExchange(this, request);
        if (!_pending.TryAdd(exchange))
        {
            throw Lost();
        }

        try
        {
            if (await _writer.EnqueueAsync(OutgoingLine.Create(request.Body, request.Splices, exchange), ct))
            {
                return exchange;
            }
        }
        catch (OperationCanceledException)
        {
            _pending.Take(request.Id);
            throw;
        }

        _pending.Take(request.Id);
        throw Lost();
    }

    /// <inheritdoc />
    public async ValueTask PostAsync(ReadOnlySequence<byte> message, CancellationToken ct)
    {
        if (!await _writer.EnqueueAsync(OutgoingLine.Create(message, null, null), ct))
        {
            throw Lost();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _run;
            return;
        }

        _disposing = true;
        await _child.StopAsync();
        await _run;
        await _child.DisposeAsync();
        _writer.Dispose();
    }

    /// <summary>The handshake is over: from now on the owner is told of the end. Before that, the failed handshake tells it.</summary>
    internal void Announce()
    {
        _announced = true;
        if (_ended)
        {
            throw Lost();
        }
    }

    /// <summary>The handshake's dialect: stdio has no headers, so there is nothing to remember.</summary>
    void IHandshakePeer.Speak(ProtocolRevision? revision)
    {
    }

    /// <summary>An exchange was disposed.</summary>
    internal void Forget(StdioExchange exchange, bool cancel)
    {
        _pending.Take(exchange.Id);
        if (!cancel || _ended || exchange.Method == McpMethod.Initialize)
        {
            return;
        }

        var line = OutgoingLine.Create(new ReadOnlySequence<byte>(Replies.Cancelled(exchange.Id)), null, null);
        if (!_writer.TryEnqueue(line))
        {
            _context.Log.PostFailed(_context.Name, "it does not read its input");
        }
    }

    private async Task RunAsync()
    {
        var reading = _inbox.RunAsync(_child.Output);
        var draining = _stderr.RunAsync();
        var writing = _writer.RunAsync();
        await Task.WhenAny(reading, _child.Exited);
        _ended = true;

        // A child that ends closes its output first: only one that goes on without it has done so on purpose.
        await Task.WhenAny(_child.Exited, Task.Delay(DrainTime, _context.Time));
        var closedOutput = !_child.Exited.IsCompleted && !_disposing;
        var exitCode = await _child.StopAsync();

        // What the child had written before it ended is still read, but a stranger that inherited the pipe may hold it open for ever.
        await Task.WhenAny(Task.WhenAll(reading, draining), Task.Delay(DrainTime, _context.Time));
        _writer.Stop();
        await writing;

        var code = exitCode is { } value ? value.ToString(CultureInfo.InvariantCulture) : "unknown";
        var reason = closedOutput ? "it closed its standard output" : $"exit code {code}";
        _loss = $"the server's process was lost: {reason}";
        _pending.Close(AttemptResult.ProcessLost, _loss);
        Tell(exitCode, new UpstreamFault(closedOutput ? reason : "the process ended", LastStderrLine));
    }

    /// <summary>Tells log and owner; they may see what the child wrote, callers may not.</summary>
    private void Tell(int? exitCode, UpstreamFault fault)
    {
        _context.Log.ProcessEnded(_context.Name, _child.Id, exitCode, _disposing ? "stopped" : fault.ForOperators);
        if (!_disposing && _announced)
        {
            _context.Events.OnClosed(Id, fault, exitCode);
        }
    }

    private UpstreamException Lost() => new(AttemptResult.ProcessLost, _loss) { Sent = false };
}
