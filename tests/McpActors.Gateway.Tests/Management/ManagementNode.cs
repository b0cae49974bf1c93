using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Cluster.Lifecycle;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Hosting;
using McpActors.MockServer;
using McpActors.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Gateway.Tests.Management;

/// <summary>A whole node as <c>run</c> builds it, with both listeners on free ports and a mock server behind it.</summary>
public sealed class ManagementNode : IAsyncLifetime, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private WebApplication? _app;

    /// <summary>Further top-level keys; set before the start.</summary>
    public string More { get; init; } = "";

    /// <summary>Keys of <c>management</c> beside the address.</summary>
    public string ManagementKeys { get; init; } = "";

    /// <summary>Keys of <c>front</c> beside the address.</summary>
    public string FrontKeys { get; init; } = "";

    public MockMcpServer Mock { get; private set; } = null!;

    public HttpClient Front { get; private set; } = null!;

    public HttpClient Management { get; private set; } = null!;

    public string ConfigurationFile => _folder.File("mcpactors.yaml");

    public string Folder => _folder.Path;

    public T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    public string Yaml(string servers = "") => $$"""
        version: 1
        front: { listen: "127.0.0.1:0"{{FrontKeys}} }
        management: { listen: "127.0.0.1:0"{{ManagementKeys}} }
        persistence: { connection: "Data Source={{_folder.File("journal.db")}}" }
        observability: { logs: { level: error } }
        shutdown: { drain: 2s }
        {{More}}
        servers:
          search: { url: "{{Mock.Url}}" }
          second: { url: "{{Mock.Url}}", headers: { Authorization: "Bearer very-secret" } }
          broken: { command: sh, args: ["-c", "echo no such licence >&2; exit 3"] }
        {{servers}}
        """;

    public async Task InitializeAsync()
    {
        Mock = await MockMcpServer.StartAsync();
        await File.WriteAllTextAsync(ConfigurationFile, Yaml());
        await StartAsync();
    }

    public async Task StartAsync()
    {
        var loader = ConfigurationLoader.ForMachine();
        var loaded = loader.Load(ConfigurationFile);
        loaded.Faults.ShouldBeEmpty();
        _app = NodeHost.Build(new NodeStart(loaded, loader, [ConfigurationFile], Quickstart: false));
        await _app.StartAsync();
        await Get<INodeReadiness>().WhenReady.WaitAsync(TimeSpan.FromSeconds(60));
        var urls = _app.Urls.ToArray();
        Front = Client(urls[0]);
        Management = Client(urls[1]);
    }

    public async Task StopAsync()
    {
        Front.Dispose();
        Management.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        await Mock.DisposeAsync();
        _folder.Dispose();
    }

    public async Task<(int Status, JsonNode Body)> SendAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Management.SendAsync(request);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    public async Task<JsonNode> OkAsync(string method, string path, string? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        status.ShouldBeInRange(200, 299, answer.ToJsonString());
        return answer;
    }

    /// <summary>Asks for something that is refused, and checks that the refusal is whole.</summary>
    public async Task<string> RefusedAsync(int expected, string code, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Management.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(expected, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonNode.Parse(text)!;
        ((int?)problem["status"]).ShouldBe(expected);
        ((string?)problem["code"]).ShouldBe(code);
        ((string?)problem["origin"]).ShouldBe("mcpactors");
        return (string)problem["detail"]!;
    }

    public async Task<JsonNode> CallAsync(string server, string tool, string arguments)
    {
        using var response = await Front.PostAsync($"/api/v1/servers/{server}/tools/{tool}", new StringContent(arguments, Encoding.UTF8, "application/json"));
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    ValueTask IAsyncDisposable.DisposeAsync() => new(DisposeAsync());

    private static HttpClient Client(string url) => new(new SocketsHttpHandler()) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
}
