using McpActors.Core.Servers.Upstream;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Tests.Front.Mcp;

public sealed class InFlightCallsTests
{
    [Fact]
    public void A_call_is_cancelled_by_its_own_session_and_by_the_id_in_its_own_type_only()
    {
        var calls = new InFlightCalls();
        using var cancel = new CancellationTokenSource();
        calls.Add("s1", "1", cancel);
        calls.Cancel("s2", "1").ShouldBeFalse();
        calls.Cancel("s1", "\"1\"").ShouldBeFalse();
        cancel.IsCancellationRequested.ShouldBeFalse();
        calls.Cancel("s1", "1").ShouldBeTrue();
        cancel.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void A_call_that_ended_is_forgotten_but_not_its_successor_under_the_same_id()
    {
        var calls = new InFlightCalls();
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        calls.Add("s", "1", first);
        calls.Add("s", "1", second);
        calls.Remove("s", "1", first);
        calls.Count.ShouldBe(1);
        calls.Remove("s", "1", second);
        calls.Count.ShouldBe(0);
    }

    [Fact]
    public void A_servers_request_is_answered_once_and_by_its_own_session_only()
    {
        var requests = new ServerRequests();
        requests.TryAdd(new ServerRequest("s1", new ConnectionId(7), "\"up\""u8.ToArray()), out var id).ShouldBeTrue();
        var raw = System.Text.Encoding.ASCII.GetBytes(id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        requests.Take("s2", raw).ShouldBeNull();
        requests.Take("s1", raw)!.Connection.ShouldBe(new ConnectionId(7));
        requests.Take("s1", raw).ShouldBeNull();
        requests.Count.ShouldBe(0);
    }
}
