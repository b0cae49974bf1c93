using System.Collections.Concurrent;
using ModelContextProtocol;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.ConformanceServer;

/// <summary>Which era the fixture speaks.</summary>
public enum Era
{
    /// <summary>Sessions and <c>initialize</c>, up to 2025-11-25; refuses anything later.</summary>
    Legacy,

    /// <summary>Stateless, 2026-07-28.</summary>
    Modern,
}

/// <summary>The fixture of the official conformance suite, on the official C# SDK, in this process or as a program.</summary>
public sealed class FixtureServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FixtureServer(WebApplication app) => _app = app;

    /// <summary>The MCP endpoint; <c>localhost</c>, because the suite's rebinding test wants that name.</summary>
    public Uri Url => new($"http://localhost:{new Uri(_app.Urls.First()).Port}/mcp");

    /// <summary>Starts on a URL such as <c>http://127.0.0.1:0</c> and returns when it listens.</summary>
    public static async Task<FixtureServer> StartAsync(Era era, string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddSingleton(TimeProvider.System);
        Add(builder.Services, era);
        var app = builder.Build();
        app.Use(RefuseForeignHostsAsync);
        app.MapMcp("/mcp");
        await app.StartAsync();
        return new FixtureServer(app);
    }

    /// <summary>Waits until the program is told to stop.</summary>
    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Add(IServiceCollection services, Era era)
    {
        var subscriptions = new ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        services
            .AddMcpServer(options => options.ServerInfo = new Implementation { Name = "conformance-fixture", Version = "1.0.0" })
            .WithHttpTransport(options => options.SessionMode = era == Era.Legacy ? HttpServerSessionMode.Stateful : HttpServerSessionMode.Stateless)
            .WithTools<ContentTools>()
            .WithTools<ClientTools>()
            .WithTools<InputTools>()
            .WithTools([SchemaTool.Create()])
            .WithResources<FixtureResources>()
            .WithPrompts<FixturePrompts>()
            .WithRequestFilters(filters => filters.AddReadResourceFilter(next => (request, cancellation) => NameMissingAsync(next, request, cancellation)))
            .WithCompleteHandler((_, _) => ValueTask.FromResult(new CompleteResult { Completion = new Completion { Values = [], Total = 0, HasMore = false } }))
            .WithSetLoggingLevelHandler((_, _) => ValueTask.FromResult(new EmptyResult()))
            .WithSubscribeToResourcesHandler((request, _) =>
            {
                subscriptions[request.Params.Uri] = 0;
                return ValueTask.FromResult(new EmptyResult());
            })
            .WithUnsubscribeFromResourcesHandler((request, _) =>
            {
                subscriptions.TryRemove(request.Params.Uri, out byte _);
                return ValueTask.FromResult(new EmptyResult());
            });
    }

    /// <summary>The error for an unknown resource should name it; the SDK does not.</summary>
    private static async ValueTask<ReadResourceResult> NameMissingAsync(
        McpRequestHandler<ReadResourceRequestParams, ReadResourceResult> next,
        RequestContext<ReadResourceRequestParams> request,
        CancellationToken cancellation)
    {
        try
        {
            return await next(request, cancellation);
        }
        catch (McpProtocolException unknown)
        {
            unknown.Data["uri"] = request.Params.Uri;
            throw;
        }
    }

    /// <summary>A page of another site may reach a local server through its own name: refuse every name but the loopback ones.</summary>
    private static Task RefuseForeignHostsAsync(HttpContext http, RequestDelegate next)
    {
        var origin = http.Request.Headers.Origin.ToString();
        if (IsLocal(http.Request.Host.Host) && (origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && IsLocal(from.Host))))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private static bool IsLocal(string host) => host is "localhost" or "127.0.0.1" or "[::1]";
}
