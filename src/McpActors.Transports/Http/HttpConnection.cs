using System.Buffers;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Handshake;
using McpActors.Transports.Remote;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Http;

/// <summary>What everything of one HTTP connection shares.</summary>
internal sealed record HttpUpstreamContext(ServerModel Server, Uri Url, TransportSettings Settings, IUpstreamEvents Events, TimeProvider Time, ILogger Log)
{
    /// <summary>The server's id for log lines.</summary>
    public string Name { get; } = Server.Id.ToString();

    /// <summary>What a scan of the server's messages accepts.</summary>
    public JsonLimits Json { get; } = JsonLimits.Upstream with { Depth = Settings.Depth };
}

/// <summary>
/// A server behind Streamable HTTP: a legacy session, or in the modern era merely the address.
/// Open → (session opened by the handshake) → Retired, when its owner moves or wants it back → Lost, when the server forgot the session, or Disposed.
/// </summary>
internal sealed class HttpConnection : IUpstreamConnection, IHandshakePeer, ILendable, IBorrowed
{
    // The high bit of the count says that no call is let in any more, so that one atomic operation sees both.
    private const int RetiredBit = int.MinValue;

    private readonly HttpUpstreamContext _context;
    private readonly HttpInvokers.Lease _lease;
    private readonly CancellationTokenSource _lifetime = new();
    private volatile HttpDialect _dialect;
    private readonly BorrowedIds? _borrowed;
    private PeerInfo? _peer;
    private Task _stream = Task.CompletedTask;
    private long _lastId;
    private long _discarded;
    private int _calls;
    private int _lent;
    private int _ended;
    private int _disposed;

    /// <summary>Creates it; nothing is sent before the handshake.</summary>
    public HttpConnection(ConnectionId id, HttpUpstreamContext context, HttpInvokers.Lease lease)
    {
        Id = id;
        _context = context;
        _lease = lease;
        _dialect = new HttpDialect(context.Url, context.Server.Headers, null, null);
    }

    /// <summary>Uses what another node opened: the session is that node's to end, and its own stream comes there.</summary>
    public HttpConnection(ConnectionId id, HttpUpstreamContext context, HttpInvokers.Lease lease, ConnectionLoan loan)
        : this(id, context, lease)
    {
        _peer = loan.Peer;
        _borrowed = new BorrowedIds(loan.FirstId, loan.Ids);
        _dialect = _dialect with { Revision = loan.Peer.Revision, SessionId = loan.SessionId };
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
    public bool IsAlive => Volatile.Read(ref _ended) == 0 && _borrowed is not { AreUsedUp: true };

    /// <inheritdoc />
    public bool? IsBusy => (Volatile.Read(ref _calls) & ~RetiredBit) > 0 ? true : Volatile.Read(ref _lent) != 0 ? null : false;

    /// <inheritdoc />
    public int? ProcessId => null;

    /// <inheritdoc />
    public ConnectionDiagnostics Diagnostics => new(null, Interlocked.Read(ref _discarded));

    /// <summary>What it shares with its streams.</summary>
    internal HttpUpstreamContext Context => _context;

    /// <summary>The headers of now.</summary>
    internal HttpDialect Dialect => _dialect;

    /// <inheritdoc />
    public long NextRequestId() => _borrowed?.Next() ?? Interlocked.Increment(ref _lastId);

    /// <inheritdoc />
    public ConnectionLoan? Lend()
    {
        // Without a session there is nothing whose end could break calls of others. Noted before the look, so that who retires it knows of the loan.
        if (_dialect.SessionId is not null)
        {
            Interlocked.Exchange(ref _lent, 1);
        }

        if (Volatile.Read(ref _calls) < 0)
        {
            return null;
        }

        var first = Interlocked.Add(ref _lastId, ConnectionLoan.UsualIds) - ConnectionLoan.UsualIds + 1;
        return new ConnectionLoan(Peer, _dialect.SessionId, IsProcess: false, first, ConnectionLoan.UsualIds, _context.Url);
    }

    /// <inheritdoc />
    public void Retire() => Interlocked.Or(ref _calls, RetiredBit);

    /// <inheritdoc />
    public bool TryGiveBack() => Interlocked.CompareExchange(ref _calls, RetiredBit, 0) is 0 or RetiredBit;

    /// <inheritdoc />
    public async ValueTask<IUpstreamExchange> SendAsync(UpstreamRequest request, CancellationToken ct)
    {
        ThrowIfEnded();
        Enter();
        var dialect = _dialect;
        var content = new MessageContent(request.Body, request.Splices);
        HttpResponseMessage response;
        try
        {
            response = await _lease.Invoker.SendAsync(dialect.Post(request, content), ct);
        }
        catch (Exception fault)
        {
            await content.CloseAsync();
            request.Sent = content.Started;
            var cancelled = ct.IsCancellationRequested;
            if (cancelled)
            {
                Cancel(request);
            }

            Leave();
            throw cancelled ? new OperationCanceledException("The request was cancelled", fault, ct) : HttpFailures.NoAnswer(fault, content.Started);
        }

        request.Sent = true;
        if (request.Method == McpMethod.Initialize && response.IsSuccessStatusCode)
        {
            RememberSession(response);
        }

        return await HttpAnswers.OpenAsync(this, request, response, content, ct);
    }

    /// <inheritdoc />
    public async ValueTask PostAsync(ReadOnlySequence<byte> message, CancellationToken ct)
    {
        ThrowIfEnded();
        var content = new MessageContent(message, null);
        try
        {
            using var response = await _lease.Invoker.SendAsync(_dialect.Post(content), ct);
            if (!response.IsSuccessStatusCode)
            {
                throw await HttpAnswers.RefusalAsync(this, response, ct);
            }
        }
        catch (Exception fault) when (fault is not UpstreamException && !ct.IsCancellationRequested)
        {
            throw HttpFailures.NoAnswer(fault, content.Started);
        }
        finally
        {
            await content.CloseAsync();
        }
    }

    /// <summary>Opens the server's own stream, where its era has one. It never delays the first call.</summary>
    public void OpenServerStream()
    {
        if (_dialect.HasSessions)
        {
            _stream = new ServerStream(this).RunAsync(_lifetime.Token);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        var wasOpen = Interlocked.Exchange(ref _ended, 1) == 0;
        await _lifetime.CancelAsync();
        await _stream;
        if (wasOpen && _dialect.SessionId is not null && _borrowed is null)
        {
            await FarewellAsync();
        }

        _lease.Dispose();
        _lifetime.Dispose();
    }

    /// <inheritdoc />
    void IHandshakePeer.Speak(ProtocolRevision? revision) => _dialect = _dialect with { Revision = revision };

    /// <summary>Opens the server's stream, or resumes the one of the named event.</summary>
    internal Task<HttpResponseMessage> OpenStreamAsync(string? lastEventId, CancellationToken ct)
        => _lease.Invoker.SendAsync(_dialect.OpenStream(lastEventId), ct);

    /// <summary>The server has forgotten the session: tells the owner, once.</summary>
    internal void Lose(string reason)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _context.Log.SessionLost(_context.Name, reason);
            try
            {
                _lifetime.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // Another call saw the same and its report had the connection closed in between: there is nothing left to end.
            }

            _context.Events.OnClosed(Id, new UpstreamFault(reason), null);
        }
    }

    /// <summary>Nobody waits for the request any more: tells the server where the era wants that, without making anybody wait for it.</summary>
    internal void Cancel(UpstreamRequest request)
    {
        if (request.Sent && _dialect.CancelsByMessage && request.Method != McpMethod.Initialize && IsAlive)
        {
            _ = TryPostAsync(Replies.Cancelled(request.Id));
        }
    }

    /// <summary>A call has ended: its answer was read, or it is given up.</summary>
    internal void Leave() => Interlocked.Decrement(ref _calls);

    /// <summary>Answers a request of the server in the background.</summary>
    internal void Answer(byte[] reply) => _ = TryPostAsync(reply);

    /// <summary>A message was passed over.</summary>
    internal void Discard() => Interlocked.Increment(ref _discarded);

    private async Task TryPostAsync(byte[] message)
    {
        using var limit = new CancellationTokenSource(_context.Settings.FarewellTimeout, _context.Time);
        try
        {
            await PostAsync(new ReadOnlySequence<byte>(message), limit.Token);
        }
        catch (Exception fault) when (fault is UpstreamException or OperationCanceledException)
        {
            _context.Log.AnswerFailed(_context.Name, fault.Message);
        }
    }

    private async Task FarewellAsync()
    {
        using var limit = new CancellationTokenSource(_context.Settings.FarewellTimeout, _context.Time);
        try
        {
            using var response = await _lease.Invoker.SendAsync(_dialect.EndSession(), limit.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException or IOException)
        {
            _context.Log.FarewellFailed(_context.Name, fault.Message);
        }
    }

    private void RememberSession(HttpResponseMessage response)
    {
        if (response.Headers.NonValidated.TryGetValues(McpHeaders.SessionId, out var values) && values.Count == 1)
        {
            _dialect = _dialect with { SessionId = values.ToString() };
        }
    }

    private void Enter()
    {
        if (Interlocked.Increment(ref _calls) < 0)
        {
            Leave();
            throw new UpstreamException(AttemptResult.SessionLost, "the connection had just been replaced") { Sent = false };
        }
    }

    private void ThrowIfEnded()
    {
        if (Volatile.Read(ref _ended) != 0)
        {
            throw new UpstreamException(AttemptResult.SessionLost, "the session with the server has ended") { Sent = false };
        }
    }
}
