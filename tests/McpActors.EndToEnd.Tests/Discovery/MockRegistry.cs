using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpActors.EndToEnd.Tests.Discovery;

/// <summary>A registry that answers <c>/v0.1/servers</c> in pages of one, so that a reader must follow its cursor.</summary>
internal sealed class MockRegistry : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MockRegistry(WebApplication app, Uri url) => (_app, Url) = (app, url);

    public Uri Url { get; }

    /// <summary>What it lists now.</summary>
    public IReadOnlyList<JsonNode> Servers { get; set; } = [];

    /// <summary>Whether it answers 500 to everything.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The questions that it was asked, path and query.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<MockRegistry> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        var url = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
        builder.WebHost.UseUrls(url.AbsoluteUri);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var registry = new MockRegistry(app, url);
        app.Run(registry.AnswerAsync);
        await app.StartAsync();
        return registry;
    }

    /// <summary>A service.</summary>
    public static JsonNode Remote(string name, Uri url) => Server(name, "remotes", new JsonObject { ["type"] = "streamable-http", ["url"] = url.AbsoluteUri });

    /// <summary>A package that is started.</summary>
    public static JsonNode Package(string name, string identifier, string version) => Server(name, "packages", new JsonObject
    {
        ["registryType"] = "npm",
        ["identifier"] = identifier,
        ["version"] = version,
        ["transport"] = new JsonObject { ["type"] = "stdio" },
    });

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static JsonObject Server(string name, string member, JsonNode form) =>
        new() { ["server"] = new JsonObject { ["name"] = name, ["version"] = "1.0.0", [member] = new JsonArray(form) } };

    private Task AnswerAsync(HttpContext context)
    {
        Asked.Enqueue($"{context.Request.Path}{context.Request.QueryString}");
        if (IsBroken || context.Request.Path != "/v0.1/servers")
        {
            context.Response.StatusCode = IsBroken ? StatusCodes.Status500InternalServerError : StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var servers = Servers;
        var at = int.TryParse(context.Request.Query["cursor"], out var cursor) ? cursor : 0;
        var page = new JsonObject { ["servers"] = new JsonArray([.. servers.Skip(at).Take(1).Select(server => server.DeepClone())]), ["metadata"] = new JsonObject() };
        if (at + 1 < servers.Count)
            page["metadata"]!["nextCursor"] = $"{at + 1}";
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(page.ToJsonString(JsonSerializerOptions.Web));
    }
}
