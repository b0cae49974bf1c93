using System.Net;
using System.Net.Sockets;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Deadlines;
using Microsoft.AspNetCore.Http;

namespace McpActors.Transports.Tests.Http;

public sealed class HttpFailureTests : ConnectorTests
{
    [Fact]
    public async Task A_refused_connection_was_provably_not_sent()
    {
        var server = await ScriptedServer.WithHandshakeAsync((_, _) => Task.CompletedTask);
        await using var connection = await ConnectAsync(server.Modern);
        await server.DisposeAsync();

        var fault = await connection.FailsAsync(connection.ToolCall("any"));

        fault.Result.ShouldBe(AttemptResult.ConnectFailed);
        fault.Sent.ShouldBeFalse();
    }

    [Fact]
    public async Task A_host_without_address_was_provably_not_sent()
    {
        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Http(new Uri("http://no-such-host.invalid/mcp"))));

        fault.Result.ShouldBe(AttemptResult.ConnectFailed);
        fault.Sent.ShouldBeFalse();
        fault.Message.ShouldBe("the host name cannot be resolved");
    }

    [Fact]
    public async Task A_failed_TLS_handshake_was_provably_not_sent()
    {
        await using var server = await ScriptedServer.WithHandshakeAsync((_, _) => Task.CompletedTask);
        var url = new UriBuilder(server.Url) { Scheme = "https" }.Uri;

        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Http(url)));

        fault.Result.ShouldBe(AttemptResult.ConnectFailed);
        fault.Message.ShouldBe("the TLS handshake failed");
    }

    [Fact]
    public async Task A_connection_that_does_not_open_in_time_was_provably_not_sent()
    {
        // A listener whose backlog is full accepts no more; the client's SYN is left unanswered.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        var fillers = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
        var filling = fillers.Select(socket => socket.ConnectAsync(address)).ToArray();
        await filling[0];
        var model = Models.Http(new Uri($"http://{address}/mcp")) with { Timeout = TimeoutOptions.Default with { Connect = TimeSpan.FromMilliseconds(300) } };

        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(model));

        Array.ForEach(fillers, socket => socket.Dispose());
        fault.Result.ShouldBe(AttemptResult.ConnectFailed);
        fault.Message.ShouldBe("the connection took too long to open");
    }

    [Theory]
    [InlineData(500, AttemptResult.ServerError)]
    [InlineData(503, AttemptResult.ServerError)]
    [InlineData(429, AttemptResult.Throttled)]
    [InlineData(401, AttemptResult.AuthRejected)]
    [InlineData(403, AttemptResult.AuthRejected)]
    [InlineData(413, AttemptResult.ProtocolError)]
    [InlineData(404, AttemptResult.ProtocolError)]
    public async Task A_status_without_an_answer_is_classified(int status, AttemptResult expected)
    {
        var fault = await FailAsync(async (http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.RetryAfter = "7";
            await http.Response.WriteAsync("secret-in-body");
        });

        fault.Result.ShouldBe(expected);
        fault.StatusCode.ShouldBe(status);
        fault.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        fault.Sent.ShouldBeTrue();
        fault.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_retry_after_that_is_a_date_is_understood()
    {
        var fault = await FailAsync((http, _) =>
        {
            http.Response.StatusCode = 503;
            http.Response.Headers.RetryAfter = TimeProvider.System.GetUtcNow().AddMinutes(1).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });

        fault.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(30, 61);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var fault = await FailAsync((http, message) =>
        {
            http.Request.Path.Value.ShouldBe("/mcp");
            http.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        fault.Result.ShouldBe(AttemptResult.ProtocolError);
        fault.Message.ShouldContain("redirects are not followed");
    }

    [Fact]
    public async Task An_error_under_our_id_is_the_answer_whatever_the_status()
    {
        await using var server = await ScriptedServer.WithHandshakeAsync((http, message) =>
            ScriptedServer.JsonAsync(http, $$$$"""{"jsonrpc":"2.0","id":{{{{message!["id"]}}}},"error":{"code":-32603,"message":"broken","data":{"x":1}}}""", 500));
        await using var connection = await ConnectAsync(server.Modern);

        var response = await connection.CallAsync("any");

        response["error"]!.ToJsonString().ShouldBe("""{"code":-32603,"message":"broken","data":{"x":1}}""");
    }

    [Fact]
    public async Task An_error_under_no_id_that_refuses_the_request_is_its_answer()
    {
        await using var server = await ScriptedServer.WithHandshakeAsync((http, message) =>
            ScriptedServer.JsonAsync(http, """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}""", 400));
        await using var connection = await ConnectAsync(server.Modern);

        var response = await connection.CallAsync("any");

        ((int?)response["error"]!["code"]).ShouldBe(-32600);
    }

    [Fact]
    public async Task An_error_on_a_stream_that_came_with_a_status_is_the_answer()
    {
        await using var server = await ScriptedServer.WithHandshakeAsync((http, message) =>
        {
            http.Response.StatusCode = 404;
            return ScriptedServer.StreamAsync(http, $$$"""data: {"jsonrpc":"2.0","id":{{{message!["id"]}}},"error":{"code":-32601,"message":"unknown"}}""" + "\n\n");
        });
        await using var connection = await ConnectAsync(server.Modern);

        var response = await connection.CallAsync("any");

        ((int?)response["error"]!["code"]).ShouldBe(-32601);
    }

    [Fact]
    public async Task A_web_page_is_no_answer()
    {
        var fault = await FailAsync((http, _) =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync("<html>login</html>");
        });

        fault.Result.ShouldBe(AttemptResult.Malformed);
    }

    [Fact]
    public async Task An_accepted_request_without_answer_is_no_answer()
    {
        var fault = await FailAsync((http, _) =>
        {
            http.Response.StatusCode = 202;
            return Task.CompletedTask;
        });

        fault.Result.ShouldBe(AttemptResult.Malformed);
    }

    [Fact]
    public async Task A_compressed_answer_that_nobody_asked_for_is_no_answer()
    {
        var fault = await FailAsync((http, message) =>
        {
            http.Response.Headers.ContentEncoding = "gzip";
            return ScriptedServer.JsonAsync(http, ScriptedServer.Result(message));
        });

        fault.Result.ShouldBe(AttemptResult.Malformed);
    }

    [Fact]
    public async Task An_answer_whose_length_is_above_the_limit_is_not_read()
    {
        var fault = await FailAsync(async (http, message) =>
        {
            http.Response.ContentLength = 5_000_000;
            http.Response.ContentType = "application/json";
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });

        fault.Result.ShouldBe(AttemptResult.TooLarge);
    }

    [Fact]
    public async Task A_stream_that_ends_without_a_response_is_cut_off()
    {
        var fault = await FailAsync((http, message) => ScriptedServer.StreamAsync(http, ": keep-alive\n\n"));

        fault.Result.ShouldBe(AttemptResult.Malformed);
        fault.FirstByte.ShouldBeTrue();
        fault.Message.ShouldContain("cut off");
    }

    [Fact]
    public async Task An_answer_with_two_views_of_one_member_is_no_answer()
    {
        var fault = await FailAsync((http, message) =>
            ScriptedServer.JsonAsync(http, $$$"""{"jsonrpc":"2.0","id":{{{message!["id"]}}},"result":{},"result":{"isError":true}}"""));

        fault.Result.ShouldBe(AttemptResult.Malformed);
    }

    [Fact]
    public async Task A_server_that_closes_the_connection_without_a_byte_leaves_the_outcome_unknown()
    {
        var fault = await FailAsync((http, _) =>
        {
            http.Abort();
            return Task.CompletedTask;
        });

        fault.Result.ShouldBe(AttemptResult.Reset);
        fault.Sent.ShouldBeTrue();
        fault.FirstByte.ShouldBeFalse();
    }

    private async Task<UpstreamException> FailAsync(Func<HttpContext, System.Text.Json.Nodes.JsonObject?, Task> answer)
    {
        await using var server = await ScriptedServer.WithHandshakeAsync(answer);
        await using var connection = await ConnectAsync(server.Modern);
        return await connection.FailsAsync(connection.ToolCall("any"));
    }
}
