using McpActors.Core.Servers;
using McpActors.Transports.Http;

namespace McpActors.Transports.Tests.Http;

public sealed class HttpPartsTests
{
    [Fact]
    public void A_pool_lives_as_long_as_somebody_uses_it()
    {
        using var invokers = new HttpInvokers();
        var first = invokers.Rent(new ServerId("a"), new Uri("http://one/"), TimeSpan.FromSeconds(1));
        var second = invokers.Rent(new ServerId("a"), new Uri("http://one/"), TimeSpan.FromSeconds(1));
        var other = invokers.Rent(new ServerId("b"), new Uri("http://one/"), TimeSpan.FromSeconds(1));

        second.Invoker.ShouldBeSameAs(first.Invoker);
        other.Invoker.ShouldNotBeSameAs(first.Invoker);
        first.Dispose();
        first.Dispose();
        invokers.Count.ShouldBe(2);
        second.Dispose();
        invokers.Count.ShouldBe(1);
        other.Dispose();
        invokers.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("application/json", null, Media.Json)]
    [InlineData("application/json; charset=utf-8", "identity", Media.Json)]
    [InlineData("text/event-stream", "identity", Media.EventStream)]
    [InlineData("text/event-stream", "gzip", Media.None)]
    [InlineData("text/html", null, Media.None)]
    public void An_answer_is_what_its_type_says_unless_it_is_compressed(string type, string? encoding, object expected)
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent([]) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null)
        {
            response.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        HttpMedia.Of(response).ShouldBe((Media)expected);
    }
}
