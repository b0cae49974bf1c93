using System.Text.Json.Nodes;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Tests.Http;

namespace McpActors.Transports.Tests.Handshake;

public sealed class EraProbeTests : ConnectorTests
{
    private const string InitializeResult = """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"},"instructions":"be nice"}""";

    private readonly List<string> _asked = [];

    [Theory]
    [InlineData(200, """{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}""")]
    [InlineData(404, """{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}""")]
    [InlineData(400, """{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: Server not initialized"},"id":null}""")]
    [InlineData(400, """{"jsonrpc":"2.0","error":{"code":-32000,"message":"Unsupported protocol version: 2026-07-28 (supported versions: 2025-11-25)"},"id":null}""")]
    [InlineData(400, """{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"no","data":{"supported":["2025-11-25","2025-06-18"]}}}""")]
    [InlineData(400, "")]
    [InlineData(405, "not allowed")]
    [InlineData(200, "<html>")]
    [InlineData(200, """{"jsonrpc":"2.0","id":1,"result":{}}""")]
    [InlineData(200, """{"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2031-01-01"]}}""")]
    public async Task An_old_server_is_known_by_how_it_refuses_the_probe(int status, string body)
    {
        await using var server = await StartAsync(status, body);

        await using var connection = await ConnectAsync(Models.Http(server.Url));

        connection.Peer.Revision.ShouldBe(ProtocolRevision.V20251125);
        connection.Peer.Instructions.ShouldBe("be nice");
        _asked.Take(3).ShouldBe(["server/discover", "initialize", "notifications/initialized"]);
    }

    [Theory]
    [InlineData(401, AttemptResult.AuthRejected)]
    [InlineData(403, AttemptResult.AuthRejected)]
    [InlineData(500, AttemptResult.ServerError)]
    [InlineData(503, AttemptResult.ServerError)]
    [InlineData(429, AttemptResult.Throttled)]
    [InlineData(307, AttemptResult.ProtocolError)]
    public async Task What_says_nothing_about_the_era_ends_the_handshake(int status, AttemptResult expected)
    {
        await using var server = await StartAsync(status, "");

        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Http(server.Url)));

        fault.Result.ShouldBe(expected);
        fault.Sent.ShouldBeFalse();
        _asked.ShouldBe(["server/discover"]);
    }

    [Theory]
    [InlineData("""{"code":-32022,"message":"no","data":{"supported":["2027-01-01"]}}""")]
    [InlineData("""{"code":-32020,"message":"header mismatch"}""")]
    [InlineData("""{"code":-32021,"message":"capability"}""")]
    public async Task A_modern_server_that_refuses_is_not_taken_for_an_old_one(string error)
    {
        await using var server = await StartAsync(400, $$"""{"jsonrpc":"2.0","id":1,"error":{{error}}}""");

        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Http(server.Url)));

        fault.Result.ShouldBe(AttemptResult.ProtocolError);
        _asked.ShouldBe(["server/discover"]);
    }

    [Fact]
    public async Task A_forced_revision_is_the_only_one_tried()
    {
        await using var server = await StartAsync(404, "");

        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Http(server.Url, "2026-07-28")));
        await using var connection = await ConnectAsync(Models.Http(server.Url, "2025-03-26"));

        fault.Result.ShouldBe(AttemptResult.ProtocolError);
        connection.Peer.Revision.IsLegacy.ShouldBeTrue();
        _asked.Take(2).ShouldBe(["server/discover", "initialize"]);
    }

    [Fact]
    public async Task A_server_that_has_become_modern_is_found_again()
    {
        await using var server = await ScriptedServer.StartAsync((http, message) => (string?)message?["method"] == "server/discover"
            ? ScriptedServer.JsonAsync(http, ScriptedServer.Result(message, """{"supportedVersions":["2026-07-28"],"capabilities":{},"ttlMs":60000,"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"new","version":"2"}}}"""))
            : ScriptedServer.JsonAsync(http, "", 400));

        await using var connection = await Connector.ConnectAsync(Models.Request(Models.Http(server.Url), remembered: ProtocolRevision.V20250618), Events, default);

        connection.Peer.Revision.ShouldBe(ProtocolRevision.V20260728);
        connection.Peer.Ttl.ShouldBe(TimeSpan.FromMinutes(1));
        JsonNode.Parse(connection.Peer.ServerInfo.Span)!["name"]!.ToString().ShouldBe("new");
    }

    [Fact]
    public async Task A_server_that_has_become_old_is_found_again()
    {
        await using var server = await StartAsync(404, "");

        await using var connection = await Connector.ConnectAsync(Models.Request(Models.Http(server.Url), remembered: ProtocolRevision.V20260728), Events, default);

        connection.Peer.Revision.ShouldBe(ProtocolRevision.V20251125);
    }

    [Fact]
    public async Task The_client_behind_the_connection_is_the_one_presented()
    {
        JsonObject? seen = null;
        await using var server = await StartAsync(404, "", message => seen = message);
        var profile = new ClientProfile(ProtocolRevision.V20250618, """{"roots":{}}"""u8.ToArray(), """{"name":"theirs","version":"9"}"""u8.ToArray());

        await using var connection = await Connector.ConnectAsync(Models.Request(Models.Http(server.Url), profile), Events, default);

        seen!["params"]!.ToJsonString().ShouldBe("""{"protocolVersion":"2025-06-18","capabilities":{"roots":{}},"clientInfo":{"name":"theirs","version":"9"}}""");
    }

    [Fact]
    public async Task Without_a_client_the_gateway_presents_itself()
    {
        JsonObject? seen = null;
        await using var server = await StartAsync(404, "", message => seen = message);

        await using var connection = await ConnectAsync(Models.Http(server.Url));

        ((string?)seen!["params"]!["protocolVersion"]).ShouldBe("2025-11-25");
        ((string?)seen["params"]!["clientInfo"]!["name"]).ShouldBe("mcpactors");
        seen["params"]!["capabilities"]!.AsObject().Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_handshake_that_takes_too_long_fails_as_a_timeout_before_the_call()
    {
        await using var server = await ScriptedServer.StartAsync((http, _) => Task.Delay(Timeout.Infinite, http.RequestAborted));
        var model = Models.Http(server.Url).WithInitializeTimeout(TimeSpan.FromMilliseconds(200));

        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(model));

        fault.Result.ShouldBe(AttemptResult.Timeout);
        fault.Sent.ShouldBeFalse();
        fault.Message.ShouldContain("timeout.initialize");
    }

    [Fact]
    public async Task A_server_that_speaks_neither_way_is_refused_with_both_reasons()
    {
        await using var server = await ScriptedServer.StartAsync((http, _) => ScriptedServer.JsonAsync(http, "nothing", 404));

        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Http(server.Url)));

        fault.Result.ShouldBe(AttemptResult.ProtocolError);
        fault.Message.ShouldContain("server/discover: the server refuses (HTTP 404)");
        fault.Message.ShouldContain("initialize: the server refuses (HTTP 404)");
    }

    private Task<ScriptedServer> StartAsync(int status, string probeAnswer, Action<JsonObject>? onInitialize = null) => ScriptedServer.StartAsync((http, message) =>
    {
        if (message is not null)
        {
            lock (_asked)
            {
                _asked.Add((string)message["method"]!);
            }
        }

        switch ((string?)message?["method"])
        {
            case "server/discover":
                return ScriptedServer.JsonAsync(http, probeAnswer.Replace("\"id\":1", $"\"id\":{message["id"]}", StringComparison.Ordinal), status);
            case "initialize":
                onInitialize?.Invoke(message);
                return ScriptedServer.JsonAsync(http, ScriptedServer.Result(message, InitializeResult));
            default:
                http.Response.StatusCode = message is null ? 405 : 202;
                return Task.CompletedTask;
        }
    });
}
