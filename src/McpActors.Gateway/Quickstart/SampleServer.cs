using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Quickstart;

/// <summary>
/// The MCP server of the quickstart, so that a node shows something on a machine without Node: Streamable HTTP on a port of its own,
/// stateless in both eras. It is an upstream like any other; the gateway reaches it over the network only.
/// </summary>
public sealed class SampleServer : IHostedService, IAsyncDisposable
{
    /// <summary>Where the quickstart configuration expects it.</summary>
    public const string DefaultAddress = "http://127.0.0.1:8090";

    /// <summary>Largest request it reads, bytes.</summary>
    private const int MaxRequestBytes = 1024 * 1024;

    private static readonly JsonSerializerOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private readonly string _address;
    private readonly SampleTools _tools;
    private WebApplication? _app;

    /// <param name="address">Loopback URL to listen on; port 0 takes a free one.</param>
    /// <param name="time">Clock of the <c>time</c> tool.</param>
    public SampleServer(string address, TimeProvider time)
    {
        _address = address;
        _tools = new SampleTools(time);
    }

    /// <summary>The MCP endpoint; known once it is started.</summary>
    public Uri Url => new(new Uri(_app?.Urls.FirstOrDefault() ?? _address), "/mcp");

    /// <summary>Starts one and returns when it listens.</summary>
    public static async Task<SampleServer> StartAsync(string address, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var server = new SampleServer(address, time);
        await server.StartAsync(cancellationToken);
        return server;
    }

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(_address);
        builder.WebHost.ConfigureKestrel(kestrel => KestrelHardening.Apply(kestrel, MaxRequestBytes));

        // It leaves with the node, so it answers no signal itself.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var app = builder.Build();
        app.UseMiddleware<ListenerGuard>(ListenerPolicy.LoopbackOnly);
        app.MapPost("/mcp", AnswerAsync);
        app.MapMethods("/mcp", ["GET", "DELETE"], () => Results.StatusCode(StatusCodes.Status405MethodNotAllowed));
        await app.StartAsync(cancellationToken);
        _app = app;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
            await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        JsonObject? message;
        try
        {
            message = await JsonSerializer.DeserializeAsync<JsonObject>(http.Request.Body, s_strict, http.RequestAborted);
        }
        catch (JsonException broken)
        {
            await WriteAsync(http, 400, SampleProtocol.Error(null, -32700, broken.Message));
            return;
        }

        if (message is null || SampleProtocol.Text(message["method"]) is not { } method)
        {
            await WriteAsync(http, 400, SampleProtocol.Error(null, -32600, "Not a JSON-RPC request"));
            return;
        }

        if (message["id"] is not { } id)
        {
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        var modern = SampleProtocol.IsModern(message, http.Request.Headers);
        if (modern && SampleProtocol.FindHeaderFault(message, http.Request.Headers) is { } fault)
        {
            await WriteAsync(http, 400, SampleProtocol.Error(id, fault.Code, fault.Message, fault.Details));
            return;
        }

        await AnswerAsync(http, new SampleRequest(id, method, message["params"] as JsonObject ?? [], modern));
    }

    private async Task AnswerAsync(HttpContext http, SampleRequest request)
    {
        switch (request.Method)
        {
            case "initialize" when !request.Modern:
                await ResultAsync(http, request, SampleProtocol.Initialize(request.Params));
                break;
            case "server/discover" when request.Modern:
                await ResultAsync(http, request, SampleProtocol.Discover());
                break;
            case "ping" when !request.Modern:
                await ResultAsync(http, request, []);
                break;
            case "tools/list":
                await ResultAsync(http, request, new JsonObject { ["tools"] = SampleTools.List() });
                break;
            case "tools/call":
                await CallAsync(http, request);
                break;
            default:
                var status = request.Modern ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
                await WriteAsync(http, status, SampleProtocol.Error(request.Id, -32601, $"Method not found: {request.Method}"));
                break;
        }
    }

    private async Task CallAsync(HttpContext http, SampleRequest request)
    {
        var outcome = await _tools.CallAsync(request.Params, http.RequestAborted);
        if (outcome.Status is { } status)
        {
            http.Response.StatusCode = status;
            return;
        }

        if (outcome.Error is { } error)
            await WriteAsync(http, 200, SampleProtocol.Error(request.Id, error.Code, error.Message));
        else
            await ResultAsync(http, request, outcome.Result!);
    }

    private static Task ResultAsync(HttpContext http, SampleRequest request, JsonObject result)
    {
        if (request.Modern)
            SampleProtocol.Modernise(request.Method, result);
        return WriteAsync(http, 200, new JsonObject { ["jsonrpc"] = "2.0", ["id"] = request.Id.DeepClone(), ["result"] = result });
    }

    private static Task WriteAsync(HttpContext http, int status, JsonObject body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(body.ToJsonString(), http.RequestAborted);
    }

    /// <summary>A host lifetime that waits for nothing.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>One request that the sample server answers.</summary>
internal sealed record SampleRequest(JsonNode Id, string Method, JsonObject Params, bool Modern);
