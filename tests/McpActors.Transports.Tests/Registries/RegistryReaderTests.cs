using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Web;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Registries;
using McpActors.Transports.Registries;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Transports.Tests.Registries;

public sealed class RegistryReaderTests : IDisposable
{
    private const string Notes = "io.modelcontextprotocol.registry/official";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly Script _script = new();

    public void Dispose() => _script.Dispose();

    [Fact]
    public async Task All_pages_are_read_with_the_headers_and_the_filter_of_the_settings()
    {
        _script.Answers.Enqueue(_ => Ok(Page("next?&1", "io.acme/one")));
        _script.Answers.Enqueue(_ => Ok(Page(null, "io.acme/two", "other/three")));

        var listed = await ListedAsync(Reader(options => options with { Include = ["io.acme/*"], Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer k" } }));

        Names(listed).ShouldBe(["io.acme/one", "io.acme/two"]);
        _script.Seen.Select(seen => seen.Path).ShouldAllBe(path => path == "/sub/v0.1/servers");
        _script.Seen[0].Query.ShouldBe(new Dictionary<string, string> { ["version"] = "latest", ["limit"] = "100", ["search"] = "io.acme/" });
        _script.Seen[1].Query["cursor"].ShouldBe("next?&1");
        _script.Seen.ShouldAllBe(seen => seen.Key == "Bearer k");
    }

    [Fact]
    public async Task A_registry_that_honours_updated_since_is_asked_for_changes_and_for_all_now_and_then()
    {
        var reader = Reader();
        _script.Answers.Enqueue(_ => Ok(Page(null, Updated("a/one", "11:00"), Updated("a/two", "11:00"))));
        Names(await ListedAsync(reader)).ShouldBe(["a/one", "a/two"]);
        _time.Advance(TimeSpan.FromHours(1));
        _script.Answers.Enqueue(_ => Ok(Page(null, Updated("a/two", "12:30", "deleted"), Updated("a/three", "12:30"))));

        Names(await ListedAsync(reader)).ShouldBe(["a/one", "a/three"]);
        _script.Seen[1].Query["updated_since"].ShouldBe("2026-11-22T11:55:00Z");
        _script.Seen[1].Query["include_deleted"].ShouldBe("true");

        var whole = 0;
        for (var i = 0; i < 12; i++)
        {
            _script.Answers.Enqueue(request => Ok(request.Query.ContainsKey("updated_since") ? Page(null) : Page(null, Updated("a/three", "12:30"))));
            var names = Names(await ListedAsync(reader));
            if (!_script.Seen[^1].Query.ContainsKey("updated_since"))
                whole++;
            names.ShouldBe(whole == 0 ? ["a/one", "a/three"] : ["a/three"]);
        }

        whole.ShouldBe(1);
    }

    [Fact]
    public async Task A_registry_that_ignores_updated_since_is_asked_for_all()
    {
        var reader = Reader();
        _script.Answers.Enqueue(_ => Ok(Page(null, "a/one", "a/two")));
        await ListedAsync(reader);
        _script.Answers.Enqueue(_ => Ok(Page(null, "a/two")));
        _script.Answers.Enqueue(_ => Ok(Page(null, "a/two")));

        Names(await ListedAsync(reader)).ShouldBe(["a/two"]);
        _script.Seen[2].Query.ShouldNotContainKey("updated_since");
    }

    [Fact]
    public async Task A_page_with_an_etag_is_not_sent_twice()
    {
        var reader = Reader();
        _script.Answers.Enqueue(_ => Ok(Page(null, "a/one"), "\"v1\""));
        await ListedAsync(reader);
        // One question for changes, which the registry ignores; then the page itself.
        _script.Answers.Enqueue(_ => Ok(Page(null, "a/one")));
        _script.Answers.Enqueue(request => request.IfNoneMatch == "\"v1\"" ? new HttpResponseMessage(HttpStatusCode.NotModified) : Ok(Page(null)));

        Names(await ListedAsync(reader)).ShouldBe(["a/one"]);
    }

    [Fact]
    public async Task A_short_pause_that_the_registry_asks_for_is_made_and_a_long_one_is_reported()
    {
        _script.Answers.Enqueue(_ => Refused(429, TimeSpan.FromSeconds(3)));
        _script.Answers.Enqueue(_ => Ok(Page(null, "a/one")));
        var reading = Reader().ReadAsync(CancellationToken.None);
        await _script.Asked(1);
        reading.IsCompleted.ShouldBeFalse();
        while (!reading.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await reading).ShouldBeOfType<RegistryAnswer.Listed>();
        _script.Answers.Enqueue(_ => Refused(503, TimeSpan.FromMinutes(3)));
        var failed = (await Reader().ReadAsync(CancellationToken.None)).ShouldBeOfType<RegistryAnswer.Failed>();
        failed.RetryAfter.ShouldBe(TimeSpan.FromMinutes(3));
        failed.Reason.ShouldContain("503");
    }

    [Theory]
    [InlineData(302, "redirects are not followed")]
    [InlineData(401, "headers")]
    [InlineData(404, "without /v0.1")]
    [InlineData(500, "500")]
    public async Task A_refusal_says_what_to_do(int status, string reason)
    {
        _script.Answers.Enqueue(_ => Refused(status, null));

        (await Reader().ReadAsync(CancellationToken.None)).ShouldBeOfType<RegistryAnswer.Failed>().Reason.ShouldContain(reason);
    }

    [Fact]
    public async Task Pages_in_a_circle_and_pages_too_large_end_the_list()
    {
        _script.Answers.Enqueue(_ => Ok(Page("x", "a/one")));
        _script.Answers.Enqueue(_ => Ok(Page("x", "a/one")));
        (await Reader().ReadAsync(CancellationToken.None)).ShouldBeOfType<RegistryAnswer.Failed>().Reason.ShouldContain("circle");

        _script.Answers.Enqueue(_ => Ok(new string(' ', 5 * 1024 * 1024)));
        (await Reader().ReadAsync(CancellationToken.None)).ShouldBeOfType<RegistryAnswer.Failed>().Reason.ShouldContain("MiB");
    }

    [Fact]
    public async Task A_registry_that_cannot_be_reached_or_talks_nonsense_is_named_and_never_throws()
    {
        _script.Answers.Enqueue(_ => throw new HttpRequestException("no route"));
        (await Reader().ReadAsync(CancellationToken.None)).ShouldBeOfType<RegistryAnswer.Failed>().Reason.ShouldContain("no route");

        _script.Answers.Enqueue(_ => Ok("<html>"));
        (await Reader().ReadAsync(CancellationToken.None)).ShouldBeOfType<RegistryAnswer.Failed>().Reason.ShouldContain("no JSON");
    }

    private RegistryReader Reader(Func<RegistryOptions, RegistryOptions>? change = null)
    {
        var options = new RegistryOptions { Url = new Uri("https://registry.example/sub/") };
        return new RegistryReader(new HttpMessageInvoker(_script), change is null ? options : change(options), _time);
    }

    private static async Task<RegistryListing> ListedAsync(RegistryReader reader) =>
        (await reader.ReadAsync(CancellationToken.None)).ShouldBeOfType<RegistryAnswer.Listed>().Listing;

    private static IEnumerable<string> Names(RegistryListing listing) => listing.Servers(ApprovalMode.Auto).Select(server => server.Name);

    private static string Updated(string name, string time, string status = "active") =>
        $$"""{"server":{"name":"{{name}}","version":"1"},"_meta":{"{{Notes}}":{"status":"{{status}}","isLatest":true,"updatedAt":"2026-11-22T{{time}}:00Z"} } }""";

    private static string Page(string? cursor, params string[] servers) =>
        $$"""{"servers":[{{string.Join(',', servers.Select(server => server[0] == '{' ? server : $$"""{"server":{"name":"{{server}}"} }"""))}}],"metadata":{"nextCursor":"{{cursor}}"} }""";

    private static HttpResponseMessage Ok(string body, string? tag = null)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (tag is not null)
            response.Headers.ETag = EntityTagHeaderValue.Parse(tag);
        return response;
    }

    private static HttpResponseMessage Refused(int status, TimeSpan? retryAfter)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status);
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        return response;
    }

    private sealed record Asked(string Path, Dictionary<string, string> Query, string? Key, string? IfNoneMatch);

    private sealed class Script : HttpMessageHandler
    {
        private readonly SemaphoreSlim _asked = new(0);

        public Queue<Func<Asked, HttpResponseMessage>> Answers { get; } = new();

        public List<Asked> Seen { get; } = [];

        public async Task Asked(int count)
        {
            for (var i = 0; i < count; i++)
                (await _asked.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeTrue();
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Yield();
            var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
            var asked = new Asked(
                request.RequestUri.AbsolutePath,
                query.AllKeys.ToDictionary(key => key!, key => query[key]!),
                request.Headers.Authorization?.ToString(),
                request.Headers.IfNoneMatch.SingleOrDefault()?.ToString());
            Seen.Add(asked);
            _asked.Release();
            return Answers.Dequeue()(asked);
        }
    }
}
