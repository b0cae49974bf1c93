using System.Buffers;
using System.Net;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Http;

/// <summary>
/// A message as a request body: the caller's bytes and what is spliced into them go straight to the connection, with their length known.
/// It remembers whether writing began, which is the proof that a failed request never left.
/// </summary>
internal sealed class MessageContent : HttpContent
{
    private readonly ReadOnlySequence<byte> _body;
    private readonly SplicePlan? _splices;
    private Task _writing = Task.CompletedTask;
    private int _state;

    /// <summary>Wraps a message.</summary>
    public MessageContent(ReadOnlySequence<byte> body, SplicePlan? splices)
    {
        _body = body;
        _splices = splices;
        Headers.TryAddWithoutValidation("Content-Type", McpHeaders.Json);
    }

    private const int Fresh = 0;
    private const int Writing = 1;
    private const int Closed = 2;

    /// <summary>Whether a byte may have left.</summary>
    public bool Started => Volatile.Read(ref _state) == Writing;

    /// <summary>From now on writing cannot begin; completes when a writing that had begun has ended, so that the memory is free.</summary>
    public async ValueTask CloseAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Closed, Fresh) == Writing)
        {
            await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // A second time is possible: the handler repeats a request on a new connection when the server refused it unprocessed.
        if (Interlocked.CompareExchange(ref _state, Writing, Fresh) == Closed)
        {
            throw new HttpRequestException("The request was given up before it was sent");
        }

        return _writing = WriteAsync(stream, cancellationToken);
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = _splices?.OutputLength(_body.Length) ?? _body.Length;
        return true;
    }

    private async Task WriteAsync(Stream stream, CancellationToken ct)
    {
        if (_splices is not null)
        {
            await _splices.WriteToAsync(_body, stream, ct);
            return;
        }

        foreach (var segment in _body)
        {
            await stream.WriteAsync(segment, ct);
        }
    }
}
