using System.Buffers;
using System.Text;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Stdio;

/// <summary>
/// Reads what a child says and hands each message to whom it concerns: responses and progress to their exchange, the rest to the events.
/// What is no MCP message is counted, logged a few times, and passed over: many servers print a greeting to stdout.
/// </summary>
internal sealed class StdioInbox(ConnectionId id, PendingExchanges pending, StdioWriter writer, StdioUpstreamContext context)
{
    private const int LoggedGarbage = 20;
    private const int LoggedCharacters = 200;
    private const int SearchedBytes = 64 * 1024;

    private readonly JsonLimits _limits = JsonLimits.Upstream with { Depth = context.Settings.Depth };
    private long _discarded;

    /// <summary>Messages that were no MCP, or belonged to nothing.</summary>
    public long Discarded => Interlocked.Read(ref _discarded);

    /// <summary>Reads to the end of the child's output.</summary>
    public async Task RunAsync(Stream output)
    {
        using var lines = new LineReader(output, context.Settings.LineLimit);
        try
        {
            while (await lines.ReadAsync(CancellationToken.None) is { } line)
            {
                Receive(line);
            }
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe is gone with the child: that is the end.
        }
    }

    private void Receive(InputLine line)
    {
        if (line.TooLong)
        {
            using (line.Bytes)
            {
                Refuse(line, AttemptResult.TooLarge, $"the answer is longer than {context.Settings.LineLimit} bytes (limits.line)");
            }

            return;
        }

        if (line.Bytes.Length == 0)
        {
            line.Bytes.Dispose();
            return;
        }

        var envelope = new JsonRpcEnvelope();
        if (!JsonRpcScanner.Scan(line.Bytes.Sequence, _limits, envelope).IsMessage)
        {
            using (line.Bytes)
            {
                Refuse(line, AttemptResult.Malformed, "the answer is no valid JSON-RPC");
            }

            return;
        }

        var taken = false;
        try
        {
            taken = Route(envelope, line.Bytes);
        }
        finally
        {
            if (!taken)
            {
                line.Bytes.Dispose();
            }
        }
    }

    /// <summary>Returns whether an exchange took the memory over.</summary>
    private bool Route(JsonRpcEnvelope envelope, PooledBuffer bytes)
    {
        switch (envelope.Kind)
        {
            case JsonRpcKind.Response or JsonRpcKind.ErrorResponse:
                return RouteResponse(envelope, bytes);
            case JsonRpcKind.Notification when envelope.Method == McpMethod.ProgressNotification:
                return RouteProgress(envelope, bytes);
            case JsonRpcKind.Notification:
                context.Events.OnMessage(id, bytes.Sequence.ToArray());
                return false;
            default:
                RouteRequest(envelope, bytes);
                return false;
        }
    }

    private bool RouteResponse(JsonRpcEnvelope envelope, PooledBuffer bytes)
    {
        if (envelope.IdKind == JsonRpcIdKind.Number && pending.Take(envelope.IdNumber) is { } exchange)
        {
            exchange.Deliver(new ReceivedMessage(envelope, bytes, IsResponse: true));
            return true;
        }

        if (envelope.IdKind == JsonRpcIdKind.Number)
        {
            // Most likely the answer to a request that was cancelled meanwhile.
            Interlocked.Increment(ref _discarded);
            context.Log.Unclaimed(context.Name, envelope.IdNumber);
            return false;
        }

        // We never use such an id, so it answers a request of ours wrongly. Which one is only certain when there is one.
        if (pending.TakeOnly() is not { } only)
        {
            Interlocked.Increment(ref _discarded);
            return false;
        }

        if (envelope.Kind == JsonRpcKind.ErrorResponse && envelope.IdKind is JsonRpcIdKind.None or JsonRpcIdKind.Null)
        {
            DeliverUnder(only, envelope.Error.In(bytes.Sequence));
        }
        else
        {
            only.Fail(AttemptResult.Malformed, "the answer carries an id that was never used");
        }

        return false;
    }

    private void DeliverUnder(StdioExchange exchange, ReadOnlySequence<byte> error)
    {
        var message = new PooledBuffer();
        message.Write(Replies.ErrorFor(exchange.Id, error));
        exchange.Deliver(new ReceivedMessage(JsonRpcScanner.Scan(message.Sequence, _limits).Envelope, message, IsResponse: true));
    }

    /// <summary>Progress under a token that is no longer known is of no interest: it was for a request that has ended.</summary>
    private bool RouteProgress(JsonRpcEnvelope envelope, PooledBuffer bytes)
    {
        if (RawJson.Integer(bytes.Sequence, envelope.Params.ProgressToken) is not { } token || pending.Find(token) is not { } exchange)
        {
            Interlocked.Increment(ref _discarded);
            return false;
        }

        exchange.Deliver(new ReceivedMessage(envelope, bytes, IsResponse: false));
        return true;
    }

    private void RouteRequest(JsonRpcEnvelope envelope, PooledBuffer bytes)
    {
        var rawId = envelope.Id.In(bytes.Sequence).ToArray();
        if (envelope.Method == McpMethod.Ping)
        {
            Answer(Replies.Pong(rawId));
        }
        else if (!context.Events.OnRequest(id, envelope.MethodText(bytes.Sequence), bytes.Sequence.ToArray()))
        {
            Answer(Replies.MethodNotFound(rawId));
        }
    }

    private void Answer(byte[] message)
    {
        if (!writer.TryEnqueue(OutgoingLine.Create(new ReadOnlySequence<byte>(message), null, null)))
        {
            context.Log.PostFailed(context.Name, "it does not read its input");
        }
    }

    /// <summary>A line that cannot be used: it fails the request it was the answer to, if that can be told, and otherwise is garbage.</summary>
    private void Refuse(InputLine line, AttemptResult result, string what)
    {
        var count = Interlocked.Increment(ref _discarded);
        var all = line.Bytes.Sequence;
        ReadOnlySpan<byte> head = all.Slice(0, Math.Min(all.Length, SearchedBytes)).ToArray();
        ReadOnlySpan<byte> tail = line.TooLong ? line.Tail.Span : all.Slice(Math.Max(0, all.Length - LineReader.TailSize)).ToArray();
        if (head.TrimStart(" \t"u8).StartsWith("{"u8) && (head.IndexOf("\"jsonrpc\""u8) >= 0 || tail.IndexOf("\"jsonrpc\""u8) >= 0))
        {
            var exchange = LostAnswer.IdOf(head, tail) is { } lost ? pending.Take(lost) : pending.TakeOnly();
            exchange?.Fail(result, what);
        }

        if (count <= LoggedGarbage && context.Log.IsEnabled(LogLevel.Warning))
        {
            context.Log.Garbage(context.Name, count, Encoding.UTF8.GetString(head[..Math.Min(head.Length, LoggedCharacters)]));
        }
    }
}
