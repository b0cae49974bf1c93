using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>A caller that speaks plain HTTP and hand-written MCP, so that a test sees every byte and status.</summary>
/// <param name="front">Base of the front listener.</param>
/// <param name="management">Base of the management listener.</param>
/// <param name="key">The API key that both ask for; null where they ask for none.</param>
internal sealed class GatewayHttp(Uri front, Uri management, string? key = null) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        Timeout = TimeSpan.FromSeconds(60),
        DefaultRequestHeaders = { Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key) },
    };

    /// <summary>A caller at a process.</summary>
    public GatewayHttp(GatewayProcess gateway)
        : this(gateway.Front, gateway.Management)
    {
    }

    /// <summary>Calls a tool over the plain HTTP route.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Body)> CallAsync(string server, string tool, object? arguments = null)
    {
        using var response = await _http.PostAsJsonAsync(new Uri(front, $"/api/v1/servers/{server}/tools/{tool}"), arguments ?? new object());
        return (response.StatusCode, await BodyAsync(response));
    }

    /// <summary>Reads management state.</summary>
    public async Task<JsonNode> StateAsync(string path) => JsonNode.Parse(await _http.GetStringAsync(new Uri(management, path)))!;

    /// <summary>Changes management state.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Body)> OperateAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(management, path));
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, await BodyAsync(response));
    }

    /// <summary>Opens a 2025-11-25 session and gives its id.</summary>
    public async Task<string> OpenSessionAsync(string? server = null)
    {
        using var opened = await PostAsync(server, null, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""");
        opened.StatusCode.ShouldBe(HttpStatusCode.OK, await opened.Content.ReadAsStringAsync());
        var session = opened.Headers.GetValues("Mcp-Session-Id").Single();
        using var accepted = await PostAsync(server, session, """{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return session;
    }

    /// <summary>Sends a request in a session; answers its status and message.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Message)> RequestAsync(string? server, string session, string method, string parameters)
    {
        using var response = await PostAsync(server, session, $$"""{"jsonrpc":"2.0","id":"r-1","method":"{{method}}","params":{{parameters}}}""");
        return (response.StatusCode, await BodyAsync(response));
    }

    /// <summary>Sends a notification in a session; answers its status.</summary>
    public async Task<HttpStatusCode> NotifyAsync(string? server, string session, string method, string parameters)
    {
        using var response = await PostAsync(server, session, $$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}}}""");
        return response.StatusCode;
    }

    /// <summary>Sends a stateless 2026-07-28 request.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Message)> ModernAsync(string? server, string method, string? name, string members = "")
    {
        var meta = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}";
        using var request = Message(server, $$"""{"jsonrpc":"2.0","id":"m-1","method":"{{method}}","params":{ {{members}}{{(members.Length > 0 ? "," : "")}}{{meta}} } }""");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", method);
        if (name is not null)
            request.Headers.Add("Mcp-Name", name);
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, await BodyAsync(response));
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode?> BodyAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            text = text.Split('\n').Last(line => line.StartsWith("data:", StringComparison.Ordinal))[5..];
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    private Task<HttpResponseMessage> PostAsync(string? server, string? session, string body)
    {
        var request = Message(server, body);
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
            request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        }

        return _http.SendAsync(request);
    }

    private HttpRequestMessage Message(string? server, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(front, server is null ? "/mcp" : $"/mcp/{server}")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        return request;
    }
}
