using System.Net;
using System.Text.Json.Nodes;
using McpActors.Cluster.Feed;

namespace McpActors.Gateway.Tests.Management;

/// <summary>The live feed over HTTP.</summary>
public sealed class StreamRoutesTests(ManagementNode node) : IClassFixture<ManagementNode>
{
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Fact]
    public async Task Circuits_and_the_catalogue_are_told_as_they_change_and_a_reader_resumes_where_it_was()
    {
        string id;
        using (var first = await OpenAsync(null))
        {
            await node.OkAsync("PUT", "/api/v1/servers/search/circuit", """{"mode":"forcedOpen","reason":"maintenance"}""");
            var opened = await ReadAsync(first, "circuit");
            ((string?)opened.Data["subject"]).ShouldBe("search");
            ((string?)opened.Data["what"]).ShouldBe("circuitForced");
            ((string?)opened.Data["text"])!.ShouldContain("maintenance");
            id = opened.Id!;
        }

        await node.OkAsync("POST", "/api/v1/servers/search/circuit/reset");
        await node.OkAsync("PUT", "/api/v1/servers/added", """{"url":"http://127.0.0.1:9/mcp"}""");
        using var again = await OpenAsync(id);

        ((string?)(await ReadAsync(again, "circuit")).Data["what"]).ShouldBe("circuitReset");
        ((string?)(await ReadAsync(again, "catalogue")).Data["text"])!.ShouldContain("added added");
    }

    [Fact]
    public async Task Place_of_another_node_is_told_as_a_gap()
    {
        using var stream = await OpenAsync("00000000-7");

        var gap = await ReadAsync(stream, "gap");

        ((string?)gap.Data["reason"])!.ShouldContain("GET /api/v1/status");
        node.Get<TransitionFeed>().Add(new Transition(TransitionKind.Health, "search", "unhealthy", "slow", DateTimeOffset.UnixEpoch, "n"));
        ((string?)(await ReadAsync(stream, "health")).Data["what"]).ShouldBe("unhealthy");
    }

    private async Task<StreamReader> OpenAsync(string? lastId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/stream");
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        var response = await node.Management.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event of a kind; others are passed over.</summary>
    private static async Task<(string? Id, JsonNode Data)> ReadAsync(StreamReader stream, string kind)
    {
        string? name = null, id = null, data = null;
        while (await stream.ReadLineAsync(Soon) is { } line)
        {
            if (line.Length == 0)
            {
                if (name == kind)
                    return (id, JsonNode.Parse(data!)!);
                (name, id, data) = (null, null, null);
            }
            else if (line.Split(": ", 2) is [var field, var value])
            {
                (name, id, data) = field switch { "event" => (value, id, data), "id" => (name, value, data), "data" => (name, id, value), _ => (name, id, data) };
            }
        }

        throw new EndOfStreamException($"The stream ended before an event '{kind}'.");
    }
}
