using System.Buffers;
using System.Text;
using System.Text.Json;

namespace McpActors.Benchmarks.Compare;

/// <summary>An upstream that costs as little as an HTTP server in .NET can: it answers fixed bytes with the caller's id.</summary>
internal static class EchoBackend
{
    private static readonly byte[] EchoResult = """{"content":[{"type":"text","text":"hello"}],"isError":false}"""u8.ToArray();
    private static readonly byte[] ModernEchoResult = """{"resultType":"complete","content":[{"type":"text","text":"hello"}],"isError":false}"""u8.ToArray();
    private static readonly byte[] ToolsResult = """{"resultType":"complete","ttlMs":60000,"cacheScope":"public","tools":[{"name":"echo","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}}]}"""u8.ToArray();
    private static readonly byte[] DiscoverResult = """{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":60000,"cacheScope":"public","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bench","version":"1"}}}"""u8.ToArray();
    private static readonly byte[] InitializeResult = """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"bench","version":"1"}}"""u8.ToArray();

    private static readonly byte[] ShortLivedToolsResult = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ToolsResult).Replace("60000", "2000", StringComparison.Ordinal));

    /// <summary>
    /// Serves <c>/legacy</c> and <c>/modern</c>, and <c>/slow</c> and <c>/hanging</c>, which answer late or never from their first call on, until the
    /// process is told to stop.
    /// </summary>
    public static async Task<int> RunAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        var (slow, hanging) = (new Laggard(TimeSpan.FromSeconds(20)), new Laggard(Timeout.InfiniteTimeSpan));
        app.MapPost("/legacy", (RequestDelegate)(context => AnswerAsync(context, modern: false)));
        app.MapPost("/modern", (RequestDelegate)(context => AnswerAsync(context, modern: true)));
        app.MapPost("/slow", (RequestDelegate)(context => slow.AnswerAsync(context)));
        app.MapPost("/hanging", (RequestDelegate)(context => hanging.AnswerAsync(context)));
        app.MapGet("/legacy", (RequestDelegate)NotAllowed);
        app.MapGet("/modern", (RequestDelegate)NotAllowed);
        app.MapDelete("/legacy", (RequestDelegate)(_ => Task.CompletedTask));
        await app.RunAsync();
        return 0;
    }

    private static Task NotAllowed(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return Task.CompletedTask;
    }

    private static async Task AnswerAsync(HttpContext context, bool modern, Laggard? laggard = null)
    {
        var reader = context.Request.BodyReader;
        var read = await reader.ReadAsync();
        while (!read.IsCompleted)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync();
        }

        var (id, method) = Peek(read.Buffer);
        reader.AdvanceTo(read.Buffer.End);
        if (laggard is not null)
            await laggard.LagAsync(method, context.RequestAborted);
        if (id is null)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        if (method == "initialize" && !modern)
            context.Response.Headers["Mcp-Session-Id"] = "bench-session";
        var body = BodyOf(id, laggard is not null && method == "tools/list" ? ShortLivedToolsResult : ResultOf(method, modern));
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    /// <summary>The answer to a message of the era without sessions; null to one that wants none.</summary>
    public static byte[]? AnswerTo(ReadOnlySequence<byte> message)
    {
        var (id, method) = Peek(message);
        return id is null ? null : BodyOf(id, ResultOf(method, modern: true));
    }

    private static byte[]? ResultOf(string? method, bool modern) => (method, modern) switch
    {
        ("tools/call", true) => ModernEchoResult,
        ("tools/call", false) => EchoResult,
        ("tools/list", _) => ToolsResult,
        ("server/discover", true) => DiscoverResult,
        ("initialize", false) => InitializeResult,
        _ => null,
    };

    private static byte[] BodyOf(string id, byte[]? result) => result is null
        ? Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32601,\"message\":\"no such method\"}}")
        : [.. "{\"jsonrpc\":\"2.0\",\"id\":"u8, .. Encoding.UTF8.GetBytes(id), .. ",\"result\":"u8, .. result, (byte)'}'];

    private static (string? Id, string? Method) Peek(ReadOnlySequence<byte> body)
    {
        var json = new Utf8JsonReader(body);
        string? id = null, method = null;
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1)
                continue;
            if (json.ValueTextEquals("id"u8))
            {
                json.Read();
                var raw = json.HasValueSequence ? Encoding.UTF8.GetString(json.ValueSequence) : Encoding.UTF8.GetString(json.ValueSpan);
                id = json.TokenType == JsonTokenType.String ? $"\"{raw}\"" : raw;
            }
            else if (json.ValueTextEquals("method"u8))
            {
                json.Read();
                method = json.GetString();
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        return (id, method);
    }

    /// <summary>A server that was well once: its lists were learnt, and from its first call on it answers nothing in time.</summary>
    private sealed class Laggard(TimeSpan lag)
    {
        private volatile bool _lags;

        public Task AnswerAsync(HttpContext context) => EchoBackend.AnswerAsync(context, modern: true, this);

        public async Task LagAsync(string? method, CancellationToken aborted)
        {
            _lags |= method == "tools/call";
            if (_lags)
                await Task.Delay(lag, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
