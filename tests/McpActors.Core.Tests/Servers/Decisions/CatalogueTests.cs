using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

public sealed class CatalogueTests
{
    private static readonly Core.Servers.Upstream.PeerInfo WithTools = DeciderDriver.Peer(ProtocolRevision.V20251125, """{"tools":{"listChanged":true}}""");
    private static readonly ServerSettings Process = new() { Server = DeciderDriver.Server, IsProcess = true };
    private static readonly Core.Servers.Upstream.PeerInfo Modern = DeciderDriver.Peer(ProtocolRevision.V20260728, """{"tools":{}}""");

    [Fact]
    public void Question_starts_the_server_and_is_answered_when_its_lists_are_there()
    {
        var driver = new DeciderDriver();
        driver.Ask(ListKinds.All).ShouldBeNull();
        driver.Connects.Count.ShouldBe(1);
        driver.Connect(WithTools);
        driver.Fetches.Single().Kind.ShouldBe(ListKind.Tools, "the server declares no other list");
        driver.Fetched("a", "b");
        var reply = driver.CatalogueReplies.Single().Reply;
        reply.Fresh.ShouldBeTrue();
        reply.Catalogue!.ToolIndex.Keys.ShouldBe(["a", "b"], ignoreOrder: true);
        driver.Events.OfType<ListLearned>().Single().Hash.ShouldBe(reply.Catalogue.Tools!.Hash);
    }

    [Fact]
    public void Fresh_list_is_answered_without_asking_the_server()
    {
        var driver = Known();
        driver.Ask()!.Fresh.ShouldBeTrue();
        driver.Fetches.Count.ShouldBe(1);
    }

    [Fact]
    public void Server_with_an_open_circuit_is_named_however_new_its_lists_are()
    {
        var driver = Known();
        var order = driver.Decider.Plan(new SetCircuitMode(DeciderDriver.Server, OperatorCircuitMode.ForcedOpen, "maintenance", null, "test"), driver.Now);
        driver.Decider.Act(order.Event!, driver.Now);
        var reply = driver.Ask()!;
        reply.Fresh.ShouldBeTrue();
        reply.Catalogue!.Tools!.Items.Count.ShouldBe(1);
        reply.UnavailableReason.ShouldNotBeNull().ShouldStartWith("the circuit is open");
    }

    [Fact]
    public void Slow_server_is_answered_for_by_the_last_good_copy_after_a_second_and_then_at_once()
    {
        var driver = Known();
        driver.Pass(TimeSpan.FromSeconds(61));
        driver.Ask().ShouldBeNull();
        driver.Pass(TimeSpan.FromSeconds(1));
        var reply = driver.CatalogueReplies.Single().Reply;
        reply.Fresh.ShouldBeFalse();
        reply.UnavailableReason.ShouldBe("slow to answer");
        reply.Catalogue!.Tools!.Items.Count.ShouldBe(1);
        driver.Ask().ShouldNotBeNull().Fresh.ShouldBeFalse();
    }

    [Fact]
    public void Failing_list_rests_before_it_is_tried_again()
    {
        var driver = Known(new ServerSettings { Server = DeciderDriver.Server, Retry = new() { Attempts = 1 } });
        driver.Pass(TimeSpan.FromSeconds(61));
        driver.Ask().ShouldBeNull();
        driver.Decider.FetchFailed(driver.Fetches[^1].Fetch, DeciderDriver.Outcome(AttemptResult.ServerError), "HTTP 500", 0.5, driver.Now);
        driver.Flush();
        driver.CatalogueReplies.Single().Reply.UnavailableReason.ShouldBe("HTTP 500");
        var fetches = driver.Fetches.Count;
        driver.Ask().ShouldNotBeNull();
        driver.Fetches.Count.ShouldBe(fetches);
        driver.Pass(TimeSpan.FromSeconds(6));
        driver.Ask().ShouldBeNull();
        driver.Fetches.Count.ShouldBe(fetches + 1);
    }

    [Fact]
    public void Announced_changes_in_a_row_make_one_fetch_and_nothing_is_announced_twice()
    {
        var driver = Known();
        for (var i = 0; i < 10; i++)
        {
            driver.Decider.ListChanged(ListKind.Tools, driver.Now);
        }

        driver.Pass(TimeSpan.FromSeconds(1));
        driver.Fetches.Count.ShouldBe(2);
        driver.Fetched("a", "new");
        driver.Others.OfType<ServerEffect.AnnounceListChanged>().ShouldBeEmpty();
    }

    [Fact]
    public void Change_that_the_server_did_not_announce_is_announced()
    {
        var driver = Known();
        driver.Pass(TimeSpan.FromSeconds(61));
        driver.Ask();
        driver.Fetched("other");
        driver.Others.OfType<ServerEffect.AnnounceListChanged>().Single().Kind.ShouldBe(ListKind.Tools);
    }

    [Fact]
    public void Annotations_count_only_where_trusted_and_only_for_the_definition_first_seen()
    {
        var driver = Known(new ServerSettings { Server = DeciderDriver.Server, TrustAnnotations = true }, readOnly: true);
        IsRetried(driver).ShouldBeTrue();
        IsRetried(Known(readOnly: true)).ShouldBeFalse();

        driver.Decider.ListChanged(ListKind.Tools, driver.Now);
        IsRetried(driver).ShouldBeFalse("its definition may have changed");
        driver.Pass(TimeSpan.FromSeconds(1));
        Fetch(driver, """{"name":"echo","description":"now other","annotations":{"readOnlyHint":true}}""");
        IsRetried(driver).ShouldBeFalse("its definition has changed");
    }

    [Fact]
    public void Recovered_copy_answers_for_a_server_that_cannot_be_reached()
    {
        var before = Known();
        var state = before.Events.Aggregate(ServerState.Initial, (all, change) => all.Evolve(change));
        var driver = new DeciderDriver(recovered: state);
        driver.Pass(TimeSpan.FromMinutes(5));
        driver.Ask(deadline: TimeSpan.FromSeconds(10)).ShouldBeNull();
        driver.Connects.Single().RememberedEra.ShouldBe(ProtocolRevision.V20251125);
        driver.Pass(TimeSpan.FromSeconds(10));
        driver.CatalogueReplies.Single().Reply.Catalogue!.Tools!.Items.Single().Name.ShouldBe("a");
    }

    [Fact]
    public void What_is_remembered_of_another_address_is_no_guide()
    {
        var before = Known(new ServerSettings { Server = DeciderDriver.Server, Address = "http://old" });
        var state = before.Events.Aggregate(ServerState.Initial, (all, change) => all.Evolve(change));
        var driver = new DeciderDriver(new ServerSettings { Server = DeciderDriver.Server, Address = "http://new" }, state);
        driver.Ask().ShouldBeNull();
        driver.Connects.Single().RememberedEra.ShouldBeNull();
        driver.Events.OfType<DefinitionChanged>().Count().ShouldBe(1);
    }

    [Fact]
    public void First_tool_call_of_a_stateless_server_waits_for_its_tools_but_not_for_long()
    {
        var driver = new DeciderDriver();
        var call = driver.Admit();
        driver.Connect(Modern);
        driver.ReplyTo(call.Call).ShouldBeNull();
        Fetch(driver, """{"name":"echo","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}""");
        driver.ReplyTo(call.Call).ShouldBeOfType<Admitted>().Tool!.HeaderParameters.Single().Header.ShouldBe("Region");

        var slow = new DeciderDriver();
        var waiting = slow.Admit();
        slow.Connect(Modern);
        slow.Pass(TimeSpan.FromSeconds(2));
        slow.ReplyTo(waiting.Call).ShouldBeOfType<Admitted>().Tool.ShouldBeNull();
    }

    [Fact]
    public void Who_asks_what_is_remembered_is_answered_at_once_and_nobody_is_asked()
    {
        var never = new DeciderDriver();
        never.Ask(effort: ListEffort.Remember).ShouldNotBeNull().ShouldBe(new CatalogueReply(DeciderDriver.Server, null, Fresh: false, null));
        never.Connects.ShouldBeEmpty();

        var driver = Known();
        driver.Pass(TimeSpan.FromMinutes(5));
        var reply = driver.Ask(effort: ListEffort.Remember).ShouldNotBeNull();
        reply.Catalogue!.Tools!.Items.Single().Name.ShouldBe("a");
        (reply.Fresh, reply.UnavailableReason).ShouldBe((false, null), "that it is old is no news");
        driver.Fetches.Count.ShouldBe(1);
    }

    [Fact]
    public void Server_that_says_it_has_no_tools_is_known_to_have_none()
    {
        var driver = new DeciderDriver();
        driver.Run();
        driver.Ask(effort: ListEffort.Remember).ShouldNotBeNull().Fresh.ShouldBeTrue();
    }

    [Fact]
    public void Why_a_server_cannot_be_used_is_remembered_too()
    {
        var driver = new DeciderDriver(Process);
        driver.Ask();
        driver.ConnectFails();
        driver.Ask(effort: ListEffort.Remember).ShouldNotBeNull().UnavailableReason.ShouldBe("connection refused");
        driver.Ask(effort: ListEffort.NoProcess).ShouldNotBeNull().UnavailableReason.ShouldBe("connection refused");

        driver = Known();
        driver.Order(new SetCircuitMode(DeciderDriver.Server, OperatorCircuitMode.ForcedOpen, "maintenance", null, "test"));
        driver.Ask(effort: ListEffort.Remember).ShouldNotBeNull().UnavailableReason.ShouldNotBeNull().ShouldContain("maintenance");
    }

    [Fact]
    public void Without_a_new_process_only_one_that_is_there_is_asked()
    {
        var driver = new DeciderDriver(Process);
        driver.Ask(effort: ListEffort.NoProcess).ShouldNotBeNull().Catalogue.ShouldBeNull();
        driver.Connects.ShouldBeEmpty();

        driver.Admit();
        driver.Ask(effort: ListEffort.NoProcess).ShouldBeNull("it is being started for a call");
        driver.Connect(WithTools);
        driver.Fetched("a");
        driver.CatalogueReplies.Single().Reply.Catalogue!.ToolIndex.Keys.ShouldBe(["a"]);
        driver.Connects.Count.ShouldBe(1);

        var http = new DeciderDriver();
        http.Ask(effort: ListEffort.NoProcess).ShouldBeNull();
        http.Connects.Count.ShouldBe(1, "a connection over HTTP starts nothing");
    }

    [Fact]
    public void Missing_method_is_an_empty_list()
    {
        var driver = new DeciderDriver();
        driver.Ask();
        driver.Connect(WithTools);
        driver.Decider.FetchFailed(
            driver.Fetches[^1].Fetch, DeciderDriver.Outcome(AttemptResult.ProtocolError) with { ErrorCode = -32601 }, "Method not found", 0.5, driver.Now);
        driver.Flush();
        driver.CatalogueReplies.Single().Reply.Fresh.ShouldBeTrue();
    }

    private static DeciderDriver Known(ServerSettings? settings = null, bool readOnly = false)
    {
        var driver = new DeciderDriver(settings);
        driver.Ask();
        driver.Connect(WithTools);
        Fetch(driver, readOnly ? """{"name":"echo","annotations":{"readOnlyHint":true}}""" : """{"name":"a"}""");
        driver.CatalogueReplies.Clear();
        return driver;
    }

    private static void Fetch(DeciderDriver driver, string tool)
    {
        var page = ListPage.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"tools":[{{tool}}],"ttlMs":60000}"""), ListKind.Tools);
        driver.Decider.ListFetched(driver.Fetches[^1].Fetch, page, TimeSpan.FromMilliseconds(1), driver.Now);
        driver.Flush();
    }

    private static bool IsRetried(DeciderDriver driver)
    {
        var call = driver.Run(driver.Intent(McpMethod.ToolsCall, "echo"));
        var retried = driver.Fail(call.Call, AttemptResult.ServerError) is null;
        driver.Abandon(call.Call);
        return retried;
    }
}
