using McpActors.Gateway.Quickstart;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.EndToEnd.Tests.Fixtures;

/// <summary>The quickstart's own server against the official client, so that what a newcomer sees first is right.</summary>
public sealed class SampleServerTests
{
    [Theory]
    [InlineData(null, "2026-07-28")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2025-03-26", "2025-03-26")]
    public async Task Official_client_uses_its_tools(string? asked, string negotiated)
    {
        await using var server = await SampleServer.StartAsync("http://127.0.0.1:0", TimeProvider.System);
        await using var client = await McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions { Endpoint = server.Url }),
            new McpClientOptions { ProtocolVersion = asked });

        client.NegotiatedProtocolVersion.ShouldBe(negotiated);
        (await client.ListToolsAsync()).Select(tool => tool.Name).ShouldBe(["echo", "add", "time", "flaky"]);
        TextOf(await client.CallToolAsync("echo", new Dictionary<string, object?> { ["message"] = "hé" })).ShouldBe("hé");
        TextOf(await client.CallToolAsync("add", new Dictionary<string, object?> { ["a"] = 2, ["b"] = 3 })).ShouldBe("5");
        DateTimeOffset.Parse(TextOf(await client.CallToolAsync("time")), null).ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        TextOf(await client.CallToolAsync("flaky")).ShouldBe("all is well");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2025-11-25")]
    public async Task Flaky_fails_as_it_is_told(string? asked)
    {
        await using var server = await SampleServer.StartAsync("http://127.0.0.1:0", TimeProvider.System);
        await using var client = await McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions { Endpoint = server.Url }),
            new McpClientOptions { ProtocolVersion = asked });

        var error = await Should.ThrowAsync<McpProtocolException>(async () =>
            await client.CallToolAsync("flaky", new Dictionary<string, object?> { ["fail"] = true }));
        error.ErrorCode.ShouldBe(McpErrorCode.InternalError);
        var down = await Should.ThrowAsync<HttpRequestException>(async () =>
            await client.CallToolAsync("flaky", new Dictionary<string, object?> { ["fail"] = true, ["how"] = "unavailable" }));
        down.StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
    }

    private static string TextOf(CallToolResult result) => result.Content.OfType<TextContentBlock>().Single().Text;
}
