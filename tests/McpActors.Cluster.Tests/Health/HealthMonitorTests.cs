using Akka.Actor;
using Akka.TestKit;
using McpActors.Cluster.Feed;
using McpActors.Core.Configuration;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Health.HealthProtocol;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Health;

public sealed class HealthMonitorTests : HealthMonitorKit
{
    [Fact]
    public void An_alert_fires_is_told_and_resolved()
    {
        Catalogue.Set(Model());
        AlertRules = [Pager];
        var monitor = Start();
        Report(monitor, [Facts(CircuitPhase.Open)]);

        Pass(monitor, TimeSpan.FromSeconds(55));
        Webhooks.Posts.ShouldBeEmpty();
        Pass(monitor, TimeSpan.FromSeconds(6));
        AwaitAssert(() => Webhooks.Posts.Count.ShouldBe(1));
        var told = Webhooks.Posts.Single();
        told.Webhook.ShouldBe(Pager.Webhook);
        ((string?)told.Body["rule"]).ShouldBe("pager");
        var alert = told.Body["alerts"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)alert["event"], (string?)alert["status"], (string?)alert["subject"], (string?)alert["labels"]!["team"]).ShouldBe(("serverUnhealthy", "firing", "search", "search"));
        ((string?)alert["text"]).ShouldBe("the circuit is open: 5 failures in a row");

        Answered(monitor);
        Answered(monitor);
        AwaitAssert(() =>
        {
            Pass(monitor, TimeSpan.FromSeconds(1));
            Webhooks.Posts.Count.ShouldBe(2);
        });
        ((string?)Webhooks.Posts.Last().Body["alerts"]![0]!["status"]).ShouldBe("resolved");
        Alerts(monitor, AlertState.Firing).ShouldBeEmpty();
        Alerts(monitor, AlertState.Resolved).ShouldHaveSingleItem().DeliveredAt.ShouldNotBeNull();
    }

    [Fact]
    public void A_verdict_that_changes_is_told_to_the_live_feed()
    {
        var feed = CreateTestProbe();
        Sys.EventStream.Subscribe(feed, typeof(Transition));
        Catalogue.Set(Model());
        var monitor = Start();

        Report(monitor, [Facts(CircuitPhase.Open)]);
        Report(monitor, [Facts(CircuitPhase.Open)]);
        Answered(monitor);

        var broken = (Transition)feed.FishForMessage(message => message is Transition { What: not "unknown" }, TimeSpan.FromSeconds(10));
        (broken.Kind, broken.Subject, broken.What, broken.Text).ShouldBe((TransitionKind.Health, "search", "unhealthy", "the circuit is open: 5 failures in a row"));
        Answered(monitor);
        feed.ExpectMsg<Transition>(TimeSpan.FromSeconds(10)).What.ShouldNotBe("unhealthy", "the same verdict is told once");
    }

    [Fact]
    public void A_monitor_on_another_node_forgets_no_alert_and_tells_it_once()
    {
        Catalogue.Set(Model());
        AlertRules = [Pager];
        var first = Start();
        Report(first, [Facts(CircuitPhase.Open)]);
        Pass(first, TimeSpan.FromSeconds(61));
        AwaitAssert(() => Alerts(first, AlertState.Firing).ShouldHaveSingleItem().DeliveredAt.ShouldNotBeNull());
        Stop(first);

        var second = Start();
        Alerts(second, AlertState.Firing).ShouldHaveSingleItem().Subject.ShouldBe("search");
        Pass(second, TimeSpan.FromMinutes(2));
        Webhooks.Posts.Count.ShouldBe(1, "it was told already");

        Answered(second);
        Answered(second);
        Pass(second, TimeSpan.FromSeconds(1));
        AwaitAssert(() => Webhooks.Ids.Select(id => id.Split('-')[1]).ShouldBe(["1", "resolved"]));
    }

    [Fact]
    public void What_the_webhook_did_not_take_the_next_monitor_delivers_under_the_same_id()
    {
        Catalogue.Set(Model());
        AlertRules = [Pager];
        Webhooks.OnPost = () => Task.FromResult(DeliveryResult.Retry);
        var first = Start();
        Report(first, [Facts(CircuitPhase.Open)]);
        Pass(first, TimeSpan.FromSeconds(61));
        AwaitAssert(() =>
        {
            Pass(first, TimeSpan.FromSeconds(1));
            Webhooks.Posts.Count.ShouldBeGreaterThan(1);
        });
        Kill(first);
        Webhooks.OnPost = () => Task.FromResult(DeliveryResult.Delivered);
        var tried = Webhooks.Ids;

        var second = Start();
        Alerts(second);
        Pass(second, TimeSpan.FromSeconds(2));

        AwaitAssert(() => Webhooks.Ids.Count.ShouldBe(tried.Count + 1));
        Webhooks.Ids.Distinct().ShouldHaveSingleItem();
        Pass(second, TimeSpan.FromMinutes(2));
        Webhooks.Ids.Count.ShouldBe(tried.Count + 1);
    }

    [Fact]
    public void A_pending_alert_keeps_its_time_over_a_move()
    {
        Catalogue.Set(Model());
        AlertRules = [Pager];
        var first = Start();
        Report(first, [Facts(CircuitPhase.Open)]);
        Pass(first, TimeSpan.FromSeconds(50));
        Stop(first);

        var second = Start();
        Alerts(second, AlertState.Pending).ShouldHaveSingleItem();
        Pass(second, TimeSpan.FromSeconds(11));
        AwaitAssert(() => Webhooks.Posts.Count.ShouldBe(1));
    }

    [Fact]
    public void An_outage_of_the_journal_does_not_keep_alerts_back()
    {
        Catalogue.Set(Model());
        AlertRules = [Pager with { Events = [AlarmEvent.JournalDegraded], For = TimeSpan.Zero }];
        var monitor = Start();
        Alerts(monitor);
        Journal.FailWrites = true;
        Report(monitor, alarms: [new Alarm(AlarmEvent.JournalDegraded, Node, "disk full", Time.GetUtcNow())]);

        Pass(monitor, TimeSpan.FromSeconds(4));
        Webhooks.Posts.ShouldBeEmpty("the journal may still take it");
        Pass(monitor, TimeSpan.FromSeconds(3));
        AwaitAssert(() => Webhooks.Posts.Count.ShouldBe(1));
    }

    [Fact]
    public void An_alert_from_before_a_late_recovery_is_told_beside_those_of_the_journal()
    {
        var slowDisk = new Alarm(AlarmEvent.JournalDegraded, Node, "slow disk", Time.GetUtcNow());
        Catalogue.Set(Model());
        AlertRules = [Pager, Pager with { Name = "disk", Events = [AlarmEvent.JournalDegraded], For = TimeSpan.Zero }];
        Webhooks.OnPost = () => Task.FromResult(DeliveryResult.Retry);
        var first = Start();
        Report(first, [Facts(CircuitPhase.Open)]);
        Pass(first, TimeSpan.FromSeconds(61));
        AwaitAssert(() => Webhooks.Posts.ShouldNotBeEmpty());
        Kill(first);
        Webhooks.Posts.Clear();
        Webhooks.OnPost = () => Task.FromResult(DeliveryResult.Delivered);

        Journal.HoldReplay = new TaskCompletionSource();
        var second = Start();
        AwaitAssert(() =>
        {
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(6));
            second.Tell(new GetAlerts(null, "", MostInMessage), TestActor);
            ExpectMsg<AlertPage>(TimeSpan.FromMilliseconds(200));
        });
        Report(second, [Facts(CircuitPhase.Open)], [slowDisk]);
        Pass(second, TimeSpan.FromSeconds(1));
        Firing().ShouldBe(["disk"]);
        Journal.HoldReplay.SetResult();
        AwaitAssert(() => Firing().ShouldBe(["disk", "pager"]));

        Pass(second, TimeSpan.FromSeconds(2));
        AwaitAssert(() => Webhooks.Posts.Select(post => (string?)post.Body["rule"]).Order().ShouldBe(["disk", "pager"]));

        IEnumerable<string> Firing() => Alerts(second).Where(line => line.State == AlertState.Firing).Select(line => line.Rule!).Order();
    }

    [Fact]
    public void The_alert_of_a_circuit_that_was_forced_open_ends_when_its_time_is_over_though_nobody_uses_it()
    {
        Catalogue.Set(Model(), Model("files", ServerTransport.Stdio));
        var monitor = Start();
        var files = new ServerId("files");
        var forced = Facts(CircuitPhase.Open, ServerLife.Idle) with { Forced = true };
        Report(monitor, [forced, forced with { Server = files }]);
        Alerts(monitor).Count(line => line.Event == AlarmEvent.CircuitOpened).ShouldBe(2);
        // Another monitor takes over, and the actors, which were idle, have left with what they could tell.
        Stop(monitor);
        var next = Start();

        Pass(next, TimeSpan.FromSeconds(70));

        var probed = Probes().ToHashSet();
        probed.ShouldBe([Search, files], ignoreOrder: true);
        foreach (var server in probed)
            next.Tell(new ServerProbed(server, ProbeResult.Skipped, TimeSpan.Zero, "nothing of it runs", Facts(CircuitPhase.Closed, ServerLife.Idle) with { Server = server }));
        Alerts(next).ShouldNotContain(line => line.Event == AlarmEvent.CircuitOpened && line.State != AlertState.Resolved);
    }

    [Fact]
    public void A_server_with_an_alarm_and_without_a_verdict_is_forgotten_with_the_catalogue()
    {
        Catalogue.Set(Model());
        var first = Start();
        Report(first, [Facts(CircuitPhase.Open, ServerLife.Idle) with { Forced = true }]);
        Stop(first);
        Catalogue.Set();

        var second = Start();

        Alerts(second).ShouldNotContain(line => line.State != AlertState.Resolved);
    }

    [Fact]
    public void Alarms_of_a_node_end_with_it_and_lost_members_are_named()
    {
        Catalogue.Set(Model());
        var monitor = Start();
        Report(monitor, alarms: [new Alarm(AlarmEvent.ConfigDrift, Node, "differs", Time.GetUtcNow())]);
        Unreachable.Add(Node);
        Pass(monitor, TimeSpan.FromSeconds(1));
        Alerts(monitor, AlertState.Raised).Select(line => line.Event).ShouldBe([AlarmEvent.ConfigDrift, AlarmEvent.MemberUnreachable]);

        Unreachable.Clear();
        Members.Clear();
        Pass(monitor, TimeSpan.FromSeconds(1));
        Alerts(monitor).ShouldBeEmpty();
    }

    [Fact]
    public void Quiet_servers_are_probed_and_busy_and_stopped_ones_are_not()
    {
        Catalogue.Set(Model(), Model("busy"), Model("stopped", ServerTransport.Stdio));
        var monitor = Start();
        var busy = Facts() with { Server = new ServerId("busy"), Traffic = true, Window = new CircuitCounts(10, 0, 0) };
        Report(monitor, [Facts(), busy]);
        for (var i = 0; i < 12; i++)
        {
            Pass(monitor, TimeSpan.FromSeconds(10));
            Report(monitor, [busy]);
            foreach (var probe in Probes())
            {
                probe.ShouldBe(Search);
                Answered(monitor);
            }
        }

        _probed.ShouldBeInRange(3, 5, "in two minutes at an interval of 30 s");
    }

    [Fact]
    public void A_server_that_answers_no_probe_is_unhealthy_and_found_well_again()
    {
        Catalogue.Set(Model());
        var monitor = Start();
        Report(monitor, [Facts()]);
        Answered(monitor);
        var news = Agent.ExpectMsg<VerdictNews>();
        news.Verdicts.ShouldHaveSingleItem().Verdict.ShouldBe(HealthVerdict.Healthy);

        for (var i = 0; i < VerdictMachine.Fall; i++)
        {
            monitor.Tell(new ServerProbed(Search, ProbeResult.Failed, TimeSpan.FromSeconds(5), "no answer", Facts()));
        }

        var unhealthy = Agent.ExpectMsg<VerdictNews>();
        unhealthy.Revision.ShouldBe(news.Revision + 1);
        unhealthy.Verdicts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            health => health.Verdict.ShouldBe(HealthVerdict.Unhealthy), health => health.Reason.ShouldBe("no answer"));
    }

    [Fact]
    public void A_node_that_is_behind_is_given_all_verdicts()
    {
        Catalogue.Set([.. Enumerable.Range(0, 100).Select(i => Model($"s{i}"))]);
        var monitor = Start();
        Report(monitor, [.. Enumerable.Range(0, 100).Select(i => Facts(CircuitPhase.Open) with { Server = new ServerId($"s{i}") })]);
        monitor.Tell(new NodeReport(Node, 0, 0, [], [], []), TestActor);

        var pages = new List<VerdictPage>();
        do
        {
            pages.Add(ExpectMsg<VerdictPage>());
        }
        while (!pages[^1].Last);
        pages.SelectMany(page => page.Verdicts).Select(health => health.Server).Distinct().Count().ShouldBe(100);
        pages[0].First.ShouldBeTrue();
        var step = ExpectMsg<InStep>();
        monitor.Tell(new NodeReport(Node, step.Life, step.Revision, [], [], []), TestActor);
        ExpectMsg<InStep>().ShouldBe(step, "it has them now");
    }

    [Fact]
    public void A_server_that_is_removed_or_disabled_is_forgotten()
    {
        Catalogue.Set(Model());
        var monitor = Start();
        Report(monitor, [Facts(CircuitPhase.Open)]);
        Alerts(monitor).Count.ShouldBe(2);

        Sys.EventStream.Publish(Catalogue.Set(Model() with { Enabled = false }));
        AwaitAssert(() => Alerts(monitor).ShouldBeEmpty());
        Report(monitor, [Facts(CircuitPhase.Open)]);
        Alerts(monitor).ShouldBeEmpty("it is not watched any more");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_server_that_the_catalogue_lacks_at_a_restart_is_forgotten_only_once_the_catalogue_is_in_step(bool comesBack)
    {
        Catalogue.Set(Model());
        AlertRules = [Pager];
        var first = Start();
        Report(first, [Facts(CircuitPhase.Open)]);
        Pass(first, TimeSpan.FromSeconds(61));
        AwaitAssert(() => Alerts(first, AlertState.Firing).ShouldHaveSingleItem().DeliveredAt.ShouldNotBeNull());
        Stop(first);
        Probes().ShouldAllBe(probed => probed == Search);

        IsInStep = false;
        Catalogue.Set(Model("own"));
        var second = Start();
        Sys.EventStream.Publish(Catalogue.Set(Model("own"), Model("own-too")));
        Report(second, [Facts(CircuitPhase.Open)]);
        Pass(second, TimeSpan.FromSeconds(30));
        Alerts(second, AlertState.Firing).ShouldHaveSingleItem().Subject.ShouldBe("search");
        Probes().ToArray().ShouldNotContain(Search, "nothing says where it is");

        if (comesBack)
            Sys.EventStream.Publish(Catalogue.Set(Model("own"), Model()));
        IsInStep = true;
        Pass(second, TimeSpan.FromSeconds(1));

        Alerts(second, AlertState.Firing).Count.ShouldBe(comesBack ? 1 : 0);
        AwaitAssert(() => Webhooks.Posts.Count.ShouldBe(comesBack ? 1 : 2));
    }

    private int _probed;

    private IEnumerable<ServerId> Probes()
    {
        while (Servers.HasMessages)
        {
            _probed++;
            yield return Servers.ExpectMsg<ProbeServer>().Server;
        }
    }

    private void Answered(IActorRef monitor) =>
        monitor.Tell(new ServerProbed(Search, ProbeResult.Answered, TimeSpan.FromMilliseconds(3), null, Facts()));

    private void Stop(IActorRef monitor)
    {
        Watch(monitor);
        monitor.Tell(Cluster.Health.HealthMonitor.Stop.Instance);
        ExpectTerminated(monitor);
    }
}
