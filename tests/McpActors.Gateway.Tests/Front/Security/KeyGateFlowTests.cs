using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Core.Security.Keys;
using McpActors.Gateway.Cli;
using McpActors.Gateway.Tests.Management;

namespace McpActors.Gateway.Tests.Front.Security;

/// <summary>A node that asks for keys on both listeners.</summary>
public sealed class KeyGateFlowTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly string Bootstrap = KeyText.Write(RandomNumberGenerator.GetBytes(32));

    private readonly ManagementNode _node = new()
    {
        FrontKeys = ", auth: { mode: keys }",
        ManagementKeys = $", auth: {{ mode: keys, bootstrapKey: \"{Bootstrap}\" }}",
    };

    public Task InitializeAsync() => _node.InitializeAsync();

    public Task DisposeAsync() => _node.DisposeAsync();

    ValueTask IAsyncDisposable.DisposeAsync() => new(DisposeAsync());

    [Fact]
    public async Task Without_a_key_or_with_a_made_up_one_every_route_but_the_probes_is_401()
    {
        var madeUp = KeyText.Write(RandomNumberGenerator.GetBytes(32));
        string?[] headers = [null, "Bearer", $"Bearer {madeUp}", $"Basic {Convert.ToBase64String("a:b"u8)}", "Bearer null", $"Bearer {new string('x', 100_00)}"];
        foreach (var route in ApiTable.All)
        {
            foreach (var header in headers)
            {
                using var response = await SendAsync(_node.Management, route.Method, route.Path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), header);
                var expected = route.Permission == Permission.None ? HttpStatusCode.OK : HttpStatusCode.Unauthorized;
                response.StatusCode.ShouldBe(expected, $"{route.Method} {route.Path} with {header?[..Math.Min(20, header.Length)]}");
                if (expected == HttpStatusCode.Unauthorized)
                    response.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
            }
        }

        foreach (var path in new[] { "/mcp", "/mcp/search", "/mcp/nowhere", "/api/v1/servers/search/tools/echo", "/nothing" })
            (await SendAsync(_node.Front, "POST", path, $"Bearer {madeUp}")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
        (await SendAsync(_node.Management, "GET", "/openapi/v1.json", null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SendAsync(_node.Front, "GET", "/healthz/ready", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        _node.Mock.Ledger.Effects.ShouldBeEmpty("nothing reached a server");
    }

    [Fact]
    public async Task Each_scope_allows_its_own_and_nothing_else()
    {
        var (read, call, operate) = (await CreateAsync("read"), await CreateAsync("call"), await CreateAsync("operate"));

        await ShouldAllowAsync(read, HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden);
        await ShouldAllowAsync(call, HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Forbidden);
        await ShouldAllowAsync(operate, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_missing_scope_is_named()
    {
        using var response = await SendAsync(_node.Management, "POST", "/api/v1/servers/search/restart", $"Bearer {(await CreateAsync("read")).Text}");

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        response.Headers.WwwAuthenticate.Single().Parameter!.ShouldContain("scope=\"operate\"");
        ((string?)(await response.Content.ReadFromJsonAsync<JsonNode>())!["code"]).ShouldBe("scopeMissing");
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_listed_no_more()
    {
        var (id, text) = await CreateAsync("read");
        (await SendAsync(_node.Management, "GET", "/api/v1/servers", $"Bearer {text}")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await SendAsync(_node.Management, "DELETE", $"/api/v1/keys/{id}", $"Bearer {Bootstrap}")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await SendAsync(_node.Management, "GET", "/api/v1/servers", $"Bearer {text}")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var list = await (await SendAsync(_node.Management, "GET", "/api/v1/keys", $"Bearer {Bootstrap}")).Content.ReadAsStringAsync();
        list.ShouldNotContain(id);
        list.ShouldNotContain("mcpa_");
        (await SendAsync(_node.Management, "DELETE", $"/api/v1/keys/{id}", $"Bearer {Bootstrap}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"scopes":["read"]}""", "badName")]
    [InlineData("""{"name":"x"}""", "badScopes")]
    [InlineData("""{"name":"x","scopes":["admin"]}""", "badScopes")]
    [InlineData("""{"name":"x","scopes":["read"],"ttl":"never"}""", "badTtl")]
    [InlineData("""[]""", "badBody")]
    public async Task A_wrong_order_for_a_key_is_refused(string body, string code)
    {
        using var response = await SendAsync(_node.Management, "POST", "/api/v1/keys", $"Bearer {Bootstrap}", body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ((string?)(await response.Content.ReadFromJsonAsync<JsonNode>())!["code"]).ShouldBe(code);
    }

    [Fact]
    public async Task The_bootstrap_key_is_of_its_listener_only_and_shown_nowhere()
    {
        (await SendAsync(_node.Front, "POST", "/api/v1/servers/search/tools/echo", $"Bearer {Bootstrap}", """{"message":"x"}""")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var config = await (await SendAsync(_node.Management, "GET", "/api/v1/config", $"Bearer {Bootstrap}")).Content.ReadAsStringAsync();

        config.ShouldContain("bootstrapKey");
        config.ShouldNotContain(Bootstrap);
    }

    [Fact]
    public async Task A_session_belongs_to_its_key_and_the_key_goes_to_no_server()
    {
        var (mine, other) = (await CreateAsync("call"), await CreateAsync("call"));
        using var opened = await SendAsync(_node.Front, "POST", "/mcp/search", $"Bearer {mine.Text}",
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        var session = opened.Headers.GetValues("Mcp-Session-Id").Single();

        async Task<HttpStatusCode> ListAsync(string key)
        {
            using var response = await SendAsync(_node.Front, "POST", "/mcp/search", $"Bearer {key}", """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""", session);
            return response.StatusCode;
        }

        (await ListAsync(mine.Text)).ShouldBe(HttpStatusCode.OK);
        (await ListAsync(other.Text)).ShouldBe(HttpStatusCode.NotFound, "somebody else's session is an unknown one");
        (await ListAsync(mine.Text)).ShouldBe(HttpStatusCode.OK);
        _node.Mock.Ledger.Requests.ShouldNotBeEmpty();
        _node.Mock.Ledger.Requests.ShouldAllBe(request => !request.Headers.Values.Any(value => value.Contains("mcpa_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_open_stream_ends_with_its_key()
    {
        var (id, text) = await CreateAsync("call");
        using var opened = await SendAsync(_node.Front, "POST", "/mcp/search", $"Bearer {text}",
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mcp/search");
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", text);
        request.Headers.Add("Mcp-Session-Id", opened.Headers.GetValues("Mcp-Session-Id").Single());
        using var stream = await _node.Front.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        stream.StatusCode.ShouldBe(HttpStatusCode.OK);
        var reading = stream.Content.ReadAsStringAsync();
        reading.IsCompleted.ShouldBeFalse();

        (await SendAsync(_node.Management, "DELETE", $"/api/v1/keys/{id}", $"Bearer {Bootstrap}")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Should.ThrowAsync<HttpRequestException>(() => reading.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    private async Task ShouldAllowAsync((string Id, string Text) key, HttpStatusCode read, HttpStatusCode call, HttpStatusCode operate)
    {
        var header = $"Bearer {key.Text}";
        (await SendAsync(_node.Management, "GET", "/api/v1/servers", header)).StatusCode.ShouldBe(read);
        (await SendAsync(_node.Management, "POST", "/api/v1/servers/search/tools/echo", header, """{"message":"x"}""")).StatusCode.ShouldBe(call);
        (await SendAsync(_node.Front, "POST", "/api/v1/servers/search/tools/echo", header, """{"message":"x"}""")).StatusCode.ShouldBe(call);
        (await SendAsync(_node.Management, "POST", "/api/v1/servers/search/circuit/reset", header)).StatusCode.ShouldBe(operate);
    }

    private async Task<(string Id, string Text)> CreateAsync(string scope)
    {
        using var response = await SendAsync(_node.Management, "POST", "/api/v1/keys", $"Bearer {Bootstrap}", $$"""{"name":"test","scopes":["{{scope}}"]}""");
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var key = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        return ((string)key["id"]!, (string)key["key"]!);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string? authorization, string body = "{}", string? session = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT")
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (session is not null)
            request.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
        return await client.SendAsync(request);
    }
}
