using System.Text;
using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>Writes the answer to one POST, as JSON or as an event stream, whole or broken as the fault says.</summary>
internal sealed class HttpAnswer(HttpContext http, MockOptions options, Fault? fault)
{
    private bool _streaming = options.Answer == AnswerMode.Sse && fault?.Kind != FaultKind.CutJson;
    private bool _started;

    /// <summary>Sends a message before the result; turns the answer into a stream unless only JSON is allowed.</summary>
    public async Task SendAsync(JsonObject message)
    {
        if (options.Answer == AnswerMode.Json || fault?.Kind == FaultKind.CutJson)
            return;
        await StreamAsync();
        await WriteAsync(Event(message.ToJsonString()));
    }

    /// <summary>Begins an event stream.</summary>
    public async Task StreamAsync()
    {
        _streaming = true;
        if (_started)
            return;
        _started = true;
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    /// <summary>Sends the response and ends.</summary>
    public async Task FinishAsync(JsonObject response)
    {
        var text = MockCore.Mangle(response, fault);
        if (_streaming || fault?.Kind == FaultKind.CutSse)
        {
            await StreamAsync();
            await BodyAsync(Event(text));
            return;
        }

        var body = Encoding.UTF8.GetBytes(text);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await BodyAsync(body);
    }

    private async Task BodyAsync(byte[] body)
    {
        switch (fault?.Kind)
        {
            case FaultKind.Cut or FaultKind.CutJson or FaultKind.CutSse:
                await WriteAsync(body.AsMemory(0, (int)(body.Length * fault.At)));
                http.Abort();
                break;
            case FaultKind.Trickle:
                foreach (var piece in body.Chunk(Math.Max(1, (body.Length + 9) / 10)))
                {
                    await WriteAsync(piece);
                    await Task.Delay(TimeSpan.FromMilliseconds(fault.Ms), options.Time, http.RequestAborted);
                }

                break;
            default:
                await WriteAsync(body);
                break;
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static byte[] Event(string data) => Encoding.UTF8.GetBytes($"event: message\ndata: {data}\n\n");
}
