using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>
/// A mock MCP server in this process, over Streamable HTTP on 127.0.0.1 unless told otherwise. Ledger, rules, tools and sessions outlive the listener, so that
/// <see cref="StopListeningAsync"/> and <see cref="StartListeningAsync"/> look to a client like a network that fails and comes back.
/// </summary>
public sealed class MockMcpServer : IAsyncDisposable
{
    private readonly MockCore _core;
    private readonly SemaphoreSlim _listening = new(1, 1);
    private WebApplication? _app;
    private int _port;

    private MockMcpServer(MockOptions options)
    {
        _core = new MockCore(options) { Crash = code => _ = StopListeningAsync() };
        _core.RefuseAsync = RefuseAsync;
        _port = options.Port;
    }

    /// <summary>The MCP endpoint, <c>http://127.0.0.1:PORT/mcp</c>.</summary>
    public Uri Url => new($"http://127.0.0.1:{_port}/mcp");

    /// <summary>What really happened.</summary>
    public Ledger Ledger => _core.Ledger;

    /// <summary>What goes wrong.</summary>
    public Behaviour Behaviour => _core.Behaviour;

    /// <summary>The tools; changing them announces it.</summary>
    public ToolSet Tools => _core.Tools;

    /// <summary>Legacy sessions that are open.</summary>
    public int OpenSessions => _core.Sessions.Count;

    internal MockCore Core => _core;

    /// <summary>Starts a server and returns when it listens.</summary>
    public static async Task<MockMcpServer> StartAsync(MockOptions? options = null)
    {
        var server = new MockMcpServer(options ?? new MockOptions());
        server.Ledger.Started();
        await server.StartListeningAsync();
        return server;
    }

    /// <summary>Drops every legacy session, as a restarted server would.</summary>
    public void ForgetSessions() => _core.Sessions.Forget();

    /// <summary>Says that a resource changed, to those who subscribed to it.</summary>
    public void ResourceUpdated(string uri) => _core.Sessions.ResourceUpdated(uri);

    /// <summary>Ends every <c>subscriptions/listen</c> stream gracefully.</summary>
    public void EndSubscriptions() => _core.Sessions.EndListeners();

    /// <summary>Listens, again on the same port after a stop.</summary>
    public async Task StartListeningAsync()
    {
        await _listening.WaitAsync();
        try
        {
            if (_app is not null)
                return;
            var app = Build();
            await app.StartAsync();
            _port = new Uri(app.Urls.Single()).Port;
            _app = app;
        }
        finally
        {
            _listening.Release();
        }
    }

    /// <summary>Aborts every connection and refuses new ones; what was executing goes on to its end.</summary>
    public async Task StopListeningAsync()
    {
        await _listening.WaitAsync();
        try
        {
            if (_app is not { } app)
                return;
            _app = null;

            // A token that is cancelled already means: do not wait for requests, abort them.
            await app.StopAsync(new CancellationToken(canceled: true)).ContinueWith(_ => { }, TaskScheduler.Default);
            await app.DisposeAsync();
        }
        finally
        {
            _listening.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Behaviour.Clear();
        await StopListeningAsync();
        _listening.Dispose();
    }

    private async Task RefuseAsync(TimeSpan time)
    {
        await Task.Yield();
        _ = Task.Run(async () =>
        {
            await StopListeningAsync();
            await Task.Delay(time, _core.Options.Time);
            await StartListeningAsync();
        });
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.AddServerHeader = false;
        });
        builder.WebHost.UseUrls($"http://{_core.Options.Host}:{_port}");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        var front = new HttpFront(_core);
        app.MapPost("/mcp", front.PostAsync);
        app.MapGet("/mcp", front.GetAsync);
        app.MapDelete("/mcp", front.DeleteAsync);
        app.MapGet("/control/ledger", () => Text(_core.Ledger.ToJson()));
        app.MapPost("/control/{command}", ControlAsync);
        return app;
    }

    private async Task<IResult> ControlAsync(string command, HttpRequest request)
    {
        var text = await new StreamReader(request.Body).ReadToEndAsync();
        var body = text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
        body["command"] = command;
        return Text(await ControlCommands.ApplyAsync(_core, body));
    }

    private static IResult Text(JsonObject json) => Results.Text(json.ToJsonString(), "application/json");
}
