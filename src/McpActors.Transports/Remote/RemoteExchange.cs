using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;

namespace McpActors.Transports.Remote;

/// <summary>One request that another node carries.</summary>
internal sealed class RemoteExchange(HttpResponseMessage response, UpstreamRequest request, JsonLimits limits, CancellationToken nodeEnd) : IUpstreamExchange
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(1);

    private readonly PooledBuffer _content = new();
    private readonly byte[] _scratch = new byte[RemoteFrames.HeaderSize];
    private Stream? _stream;
    private bool _any;
    private bool _finished;

    /// <inheritdoc/>
    public async ValueTask<UpstreamMessage> ReadAsync(CancellationToken ct)
    {
        if (_finished)
        {
            throw new InvalidOperationException("The exchange has ended: its response was read");
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct, nodeEnd);
        try
        {
            return await ReadFrameAsync(end.Token);
        }
        catch (Exception fault) when (fault is not UpstreamException && !ct.IsCancellationRequested)
        {
            // Whatever the HTTP stack throws here, the answer has not come to its end.
            throw Lost(fault);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_finished && _stream is { } rest)
        {
            await ReadEndAsync(rest);
        }

        response.Dispose();
        _content.Dispose();
    }

    private async ValueTask<UpstreamMessage> ReadFrameAsync(CancellationToken ct)
    {
        _stream ??= await response.Content.ReadAsStreamAsync(ct);
        _content.Clear();
        var header = await RemoteFrames.ReadHeaderAsync(_stream, _scratch, ct) ?? throw Lost(null);
        if (!await RemoteFrames.ReadContentAsync(_stream, header.Length, _content, ct))
        {
            throw Lost(null);
        }

        if (header.Kind == RemoteFrameKind.Failure)
        {
            _finished = true;
            var failure = RemoteFrames.ReadFailure(_content);
            request.Sent = failure.Sent;
            throw failure;
        }

        _any = true;
        var scan = JsonRpcScanner.Scan(_content.Sequence, limits, request.Scratch ?? new JsonRpcEnvelope());
        if (!scan.IsMessage)
        {
            throw new UpstreamException(AttemptResult.Malformed, "the answer is no valid JSON-RPC") { Sent = true, FirstByte = true };
        }

        _finished = scan.Envelope.Kind is JsonRpcKind.Response or JsonRpcKind.ErrorResponse;
        return new UpstreamMessage(scan.Envelope, _content.Sequence);
    }

    // As a rule the end is there already, and the connection can be used again.
    private async ValueTask ReadEndAsync(Stream rest)
    {
        using var limit = new CancellationTokenSource(EndTime);
        try
        {
            await rest.ReadAtLeastAsync(_scratch, 1, throwOnEndOfStream: false, limit.Token);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or HttpRequestException or ObjectDisposedException)
        {
            // Nothing is lost but a connection that could have been used again.
        }
    }

    private UpstreamException Lost(Exception? fault) =>
        new(AttemptResult.NodeLost, "the node that runs the server was lost", fault) { Sent = true, FirstByte = _any };
}
