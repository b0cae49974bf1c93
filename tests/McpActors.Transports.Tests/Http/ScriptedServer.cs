using System.Text.Json.Nodes;
using McpActors.Core.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Tests.Http;

/// <summary>An HTTP server whose every answer the test writes itself.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single() + "/mcp");

    /// <summary>The server in the modern era, which needs nothing but <c>server/discover</c> before a call.</summary>
    public ServerModel Modern => Models.Http(Url);

    /// <summary>The server in the legacy era.</summary>
    public ServerModel Legacy => Models.Http(Url, "2025-11-25");

    public static async Task<ScriptedServer> StartAsync(Func<HttpContext, JsonObject?, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            var body = await new StreamReader(http.Request.Body).ReadToEndAsync(http.RequestAborted);
            try
            {
                await answer(http, body.Length == 0 ? null : JsonNode.Parse(body)!.AsObject());
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                // The client has left, which some of these tests are about.
            }
        });
        await app.StartAsync();
        return new ScriptedServer(app);
    }

    /// <summary>A server that shakes hands in both eras by itself and leaves only calls and other verbs to the test.</summary>
    public static Task<ScriptedServer> WithHandshakeAsync(Func<HttpContext, JsonObject?, Task> answer, string? session = "session-1") => StartAsync(async (http, message) =>
    {
        var id = message?["id"]?.ToJsonString();
        switch ((string?)message?["method"])
        {
            case "server/discover":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}}""");
                break;
            case "initialize":
                if (session is not null)
                {
                    http.Response.Headers["Mcp-Session-Id"] = session;
                }

                await JsonAsync(http, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}""");
                break;
            case "notifications/initialized":
                http.Response.StatusCode = 202;
                break;
            case null when http.Request.Method == "GET":
                http.Response.StatusCode = 405;
                break;
            default:
                await answer(http, message);
                break;
        }
    });

    public static Task JsonAsync(HttpContext http, string json, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(json);
    }

    public static async Task StreamAsync(HttpContext http, params string[] pieces)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = "text/event-stream";
        }

        foreach (var piece in pieces)
        {
            await http.Response.WriteAsync(piece);
            await http.Response.Body.FlushAsync();
        }
    }

    public static string Result(JsonObject? message, string result = "{}") => $$"""{"jsonrpc":"2.0","id":{{message!["id"]!.ToJsonString()}},"result":{{result}}}""";

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true)).ContinueWith(_ => { }, TaskScheduler.Default);
        await _app.DisposeAsync();
    }
}
