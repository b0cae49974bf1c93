using System.Net.Http.Headers;
using System.Text;

namespace McpActors.Benchmarks.Compare;

/// <summary>One fixed HTTP request that is a tool call of one era.</summary>
internal sealed record McpRequest(string Body, IReadOnlyDictionary<string, string> Headers)
{
    private const string Meta =
        """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"}}""";

    private const string Echo = "\"name\":\"echo\",\"arguments\":{\"text\":\"hello\"}";

    /// <summary>A stateless tool call.</summary>
    public static McpRequest Modern() => new(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{" + Echo + ",\"_meta\":" + Meta + "}}",
        new Dictionary<string, string> { ["MCP-Protocol-Version"] = "2026-07-28", ["Mcp-Method"] = "tools/call", ["Mcp-Name"] = "echo" });

    /// <summary>A stateless question for the tools.</summary>
    public static McpRequest ModernList() => new(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":" + Meta + "}}",
        new Dictionary<string, string> { ["MCP-Protocol-Version"] = "2026-07-28", ["Mcp-Method"] = "tools/list" });

    /// <summary>A tool call in a session that is opened first.</summary>
    public static async Task<McpRequest> LegacyAsync(string url)
    {
        using var http = new HttpClient();
        using var initialize = Post(url, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}""");
        using var opened = await http.SendAsync(initialize);
        opened.EnsureSuccessStatusCode();
        var session = opened.Headers.GetValues("Mcp-Session-Id").Single();
        using var initialized = Post(url, """{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        initialized.Headers.Add("Mcp-Session-Id", session);
        initialized.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        using var accepted = await http.SendAsync(initialized);
        accepted.EnsureSuccessStatusCode();
        return new McpRequest(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{" + Echo + "}}",
            new Dictionary<string, string> { ["MCP-Protocol-Version"] = "2025-11-25", ["Mcp-Session-Id"] = session });
    }

    /// <summary>Sends it once and answers the body; the comparison starts only when every way gives the same.</summary>
    public async Task<string> ProbeAsync(string url)
    {
        using var http = new HttpClient();
        return await ProbeAsync(http, url, CancellationToken.None);
    }

    /// <summary>Sends it once and answers the body.</summary>
    public async Task<string> ProbeAsync(HttpClient http, string url, CancellationToken ct)
    {
        using var request = Post(url, Body);
        foreach (var (name, value) in Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, ct);
        return await response.Content.ReadAsStringAsync(ct);
    }

    /// <summary>The request as a script of <c>wrk</c>.</summary>
    public string ToLua()
    {
        var lua = new StringBuilder("wrk.method = \"POST\"\nwrk.body = [==[").Append(Body).Append("]==]\n");
        lua.Append("wrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.headers[\"Accept\"] = \"application/json, text/event-stream\"\n");
        foreach (var (name, value) in Headers)
            lua.Append("wrk.headers[\"").Append(name).Append("\"] = \"").Append(value).Append("\"\n");
        return lua.ToString();
    }

    private static HttpRequestMessage Post(string url, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return request;
    }
}
