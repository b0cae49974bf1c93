using McpActors.Core.Servers.Calls;
using McpActors.MockServer;
using McpActors.Transports.Remote;

namespace McpActors.Transports.Tests.Http;

/// <summary>A session that one node opened and another one uses: when its owner leaves, each knows of the calls that are its own.</summary>
public sealed class LentSessionTests : ConnectorTests
{
    [Fact]
    public async Task Who_borrowed_a_session_gives_it_back_after_the_last_call_and_sends_nothing_more()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        await using var owner = await ConnectAsync(Models.Http(server.Url));
        await using var borrowed = Borrow(server, owner);
        server.Behaviour.Add(Fault.Hold("gate").OnTool("counter").For(1));
        var call = borrowed.CallAsync("counter");
        await server.Ledger.WaitUntilAsync(ledger => ledger.CountOf("tools/call") == 1, Limits.Patience);
        var loan = borrowed.ShouldBeAssignableTo<IBorrowed>()!;
        loan.TryGiveBack().ShouldBeFalse();

        server.Behaviour.Release();
        (await call).ShouldContainKey("result");

        loan.TryGiveBack().ShouldBeTrue();
        loan.TryGiveBack().ShouldBeTrue("its owner did not hear it the first time");
        await RefusesAsync(borrowed);
        server.Ledger.CountOf("tools/call").ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_failed_or_was_left_does_not_keep_a_session()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        await using var owner = await ConnectAsync(Models.Http(server.Url));
        await using var borrowed = Borrow(server, owner);
        foreach (var kind in (FaultKind[])[FaultKind.Disconnect, FaultKind.Status, FaultKind.Malformed])
        {
            server.Behaviour.Add(Fault.Of(kind).On("tools/call").For(1));
            await borrowed.FailsAsync(borrowed.ToolCall("counter"));
        }

        server.Behaviour.Add(Fault.Hold("gate").OnTool("counter"));
        using var caller = new CancellationTokenSource();
        var left = borrowed.RunAsync(borrowed.ToolCall("counter"), null, caller.Token);
        await server.Ledger.WaitUntilAsync(ledger => ledger.CountOf("tools/call") == 4, Limits.Patience);
        await caller.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(left);

        borrowed.IsBusy.ShouldBe(false);
        ((IBorrowed)borrowed).TryGiveBack().ShouldBeTrue();
    }

    [Fact]
    public async Task A_retired_session_finishes_its_calls_is_lent_no_more_and_does_not_know_of_those_of_others()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        await using var owner = await ConnectAsync(Models.Http(server.Url));
        owner.IsBusy.ShouldBe(false);
        await using var borrowed = Borrow(server, owner);
        server.Behaviour.Add(Fault.Hold("gate").OnTool("counter").For(1));
        var call = owner.CallAsync("counter");
        await server.Ledger.WaitUntilAsync(ledger => ledger.CountOf("tools/call") == 1, Limits.Patience);

        ((ILendable)owner).Retire();

        owner.IsBusy.ShouldBe(true);
        ((ILendable)owner).Lend().ShouldBeNull();
        await RefusesAsync(owner);
        server.Behaviour.Release();
        (await call).ShouldContainKey("result");
        owner.IsBusy.ShouldBeNull();
        owner.IsAlive.ShouldBeTrue("the session is still there for those who borrowed it");
        (await borrowed.CallAsync("counter")).ShouldContainKey("result");
    }

    [Fact]
    public async Task An_address_without_a_session_is_nothing_that_others_could_hold()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 });
        await using var owner = await ConnectAsync(Models.Http(server.Url));

        ((ILendable)owner).Lend().ShouldNotBeNull();

        owner.IsBusy.ShouldBe(false);
    }

    private IUpstreamConnection Borrow(MockMcpServer server, IUpstreamConnection owner) =>
        Connector.Join(Models.Http(server.Url), owner.Id, ((ILendable)owner).Lend().ShouldNotBeNull());

    private static async Task RefusesAsync(IUpstreamConnection connection)
    {
        var fault = await connection.FailsAsync(connection.ToolCall("counter"));
        fault.Result.ShouldBe(AttemptResult.SessionLost);
        fault.Sent.ShouldBeFalse();
    }
}
