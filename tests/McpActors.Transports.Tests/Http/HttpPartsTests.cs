using McpActors.Core.Servers;
using McpActors.Transports.Http;

namespace McpActors.Transports.Tests.Http;

public sealed class HttpPartsTests
{
    [Fact]
    public void A_pool_lives_as_long_as_somebody_uses_it()
    {
        using var invokers = new HttpInvokers();
        var first = invokers.Rent(new ServerId("a"), TimeSpan.FromSeconds(1));
        var second = invokers.Rent(new ServerId("a"), TimeSpan.FromSeconds(1));
        var other = invokers.Rent(new ServerId("b"), TimeSpan.FromSeconds(1));

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
}
