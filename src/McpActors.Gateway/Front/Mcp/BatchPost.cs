using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Gateway.Front.Http;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>An array of messages in one POST. Each is scanned and run by itself, a few at a time; the answers come back as one array.</summary>
internal sealed class BatchPost(FrontSettings settings, LegacyPost requests, SessionTraffic traffic)
{
    /// <summary>Messages in one batch; more are refused, so that one POST cannot fill every queue.</summary>
    private const int MostMessages = 100;

    private const int AtATime = 8;

    /// <summary>Answers the batch.</summary>
    public async Task HandleAsync(HttpContext http, IMcpRoute route, ReadOnlySequence<byte> body, Caller caller)
    {
        var parts = Parts(body);
        if (parts.Count > MostMessages)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.InvalidRequest($"a batch has at most {MostMessages} messages."));
            return;
        }

        var answers = new PooledBuffer?[parts.Count];
        try
        {
            var limit = new ParallelOptions { MaxDegreeOfParallelism = AtATime };
            await Parallel.ForEachAsync(Enumerable.Range(0, parts.Count), limit, async (i, _) =>
                answers[i] = await OneAsync(http, route, body.Slice(parts[i].Start, parts[i].Length), caller));
            await WriteAsync(http, answers);
        }
        finally
        {
            foreach (var answer in answers)
                answer?.Dispose();
        }
    }

    private async Task<PooledBuffer?> OneAsync(HttpContext http, IMcpRoute route, ReadOnlySequence<byte> body, Caller caller)
    {
        var scan = JsonRpcScanner.Scan(body, settings.RequestLimits);
        if (!scan.IsMessage)
        {
            var fault = new PooledBuffer();
            ErrorJson.WriteRpc(fault, scan.FaultId.IsNone ? default : scan.FaultId.In(body), GatewayErrors.From(scan.Fault), CallTracing.TraceId());
            return fault;
        }

        var message = new McpMessage(scan.Envelope, body, caller);
        if (scan.Envelope.Kind == JsonRpcKind.Request)
        {
            var answer = new BufferAnswer(message.Id);
            await requests.RequestAsync(route, message, answer);
            return answer.Buffer;
        }

        await traffic.AcceptAsync(route, message, http.RequestAborted);
        return null;
    }

    private static List<ByteRange> Parts(in ReadOnlySequence<byte> body)
    {
        var parts = new List<ByteRange>();
        foreach (var range in JsonRpcScanner.Elements(body))
        {
            parts.Add(range);
            if (parts.Count > MostMessages)
                break;
        }

        return parts;
    }

    private static async Task WriteAsync(HttpContext http, PooledBuffer?[] answers)
    {
        using var array = new PooledBuffer();
        foreach (var answer in answers)
        {
            // What was cancelled has no answer.
            if (answer is null || answer.Length == 0)
                continue;
            array.Write(array.Length == 0 ? "["u8 : ","u8);
            array.Write(answer.Sequence);
        }

        if (array.Length == 0)
        {
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        array.Write("]"u8);
        await JsonBody.WriteAsync(http.Response, StatusCodes.Status200OK, array.Sequence, null, CancellationToken.None);
    }
}
