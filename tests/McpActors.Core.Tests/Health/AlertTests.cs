using FsCheck.Xunit;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Tests.Health;

public sealed class AlertTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 6, 0, 0, TimeSpan.Zero);
    private static readonly AlertRule Pager = new()
    {
        Name = "pager",
        Webhook = new Uri("http://127.0.0.1:1/"),
        Events = [AlarmEvent.ServerUnhealthy, AlarmEvent.CircuitClosed],
        For = TimeSpan.FromMinutes(1),
        Repeat = TimeSpan.FromMinutes(10),
    };

    private readonly HealthBook _book = new() { Rules = [Pager] };
    private DateTimeOffset _now = Start;

    [Fact]
    public void An_alarm_fires_after_its_time_repeats_and_is_resolved()
    {
        Raise();
        Pass(59);
        _book.State.Firing.ShouldBeEmpty();
        Page(AlertState.Pending).ShouldHaveSingleItem().FiredAt.ShouldBe(Start.AddMinutes(1));

        Pass(1);
        var alert = _book.State.Firing.Values.ShouldHaveSingleItem();
        Pass(599);
        _book.State.Waiting.Count.ShouldBe(1);
        Pass(1);
        _book.Clear(AlarmEvent.ServerUnhealthy, "search", _now);
        Pass(1);

        _book.State.Firing.ShouldBeEmpty();
        _book.State.Waiting.Values.Select(each => each.Id).ShouldBe([$"{alert.Id}-1", $"{alert.Id}-2", $"{alert.Id}-resolved"]);
        _book.State.Waiting.Values.Last().IsResolved.ShouldBeTrue();
        Page(AlertState.Resolved).ShouldHaveSingleItem().Repeats.ShouldBe(1);
    }

    [Fact]
    public void A_rule_that_may_only_not_have_come_yet_resolves_nothing()
    {
        Raise();
        Pass(60);
        (_book.Rules, _book.KnowsAllRules) = ([], false);
        Pass(10);
        _book.State.Firing.Count.ShouldBe(1);
        DeliveryQueue.Hopeless(_book.State, _book.Rules, _now, _book.KnowsAllRules).ShouldBeEmpty();

        _book.KnowsAllRules = true;
        Pass(1);
        _book.State.Firing.ShouldBeEmpty();
    }

    [Fact]
    public void What_a_node_says_in_other_words_is_the_same_matter_in_the_words_of_now()
    {
        _book.Rules = [Pager with { Events = [AlarmEvent.ConfigDrift], For = TimeSpan.Zero }];
        var alarm = new Alarm(AlarmEvent.ConfigDrift, "node", "its file differs", Start);
        _book.Reconcile("node", [alarm], _now);
        Pass(1);
        _book.Reconcile("node", [alarm with { Text = "it cannot read revision 7", Since = _now }], _now);
        Pass(1);

        _book.State.Alarms.Values.ShouldHaveSingleItem().ShouldSatisfyAllConditions(kept => kept.Since.ShouldBe(Start), kept => kept.Text.ShouldBe("it cannot read revision 7"));
        _book.State.Firing.Values.ShouldHaveSingleItem().Text.ShouldBe("it cannot read revision 7");
        _book.Events.OfType<HealthEvents.AlertFired>().Count().ShouldBe(1);
    }

    [Fact]
    public void What_was_found_well_before_a_late_journal_told_of_its_alarm_is_well()
    {
        var before = new HealthBook { Rules = [Pager] };
        for (var i = 0; i < VerdictMachine.Fall; i++)
            before.Take(VerdictTests.Facts(ServerLife.Ready), ProbeResult.Failed, TimeSpan.Zero, "no answer", _now);
        before.State.Alarms.Count.ShouldBe(1);
        _book.Take(VerdictTests.Facts(ServerLife.Ready), ProbeResult.Answered, TimeSpan.FromMilliseconds(1), null, _now);
        IHealthEvent[] since = [.. _book.Events];
        _book.Events.Clear();

        _book.Recover(before.State, since, _now);

        _book.State.Alarms.ShouldBeEmpty();
        _book.State.Verdicts.Values.ShouldHaveSingleItem().Verdict.ShouldBe(HealthVerdict.Healthy);
        _book.Events.ShouldHaveSingleItem().ShouldBeOfType<HealthEvents.AlarmCleared>();
    }

    [Fact]
    public void What_is_over_in_time_is_told_to_nobody()
    {
        Raise();
        Pass(59);
        _book.Clear(AlarmEvent.ServerUnhealthy, "search", _now);
        Pass(600);

        _book.State.Waiting.ShouldBeEmpty();
        _book.State.Recent.ShouldBeEmpty();
    }

    [Fact]
    public void A_rule_that_wants_no_end_hears_of_none()
    {
        _book.Rules = [Pager with { Resolved = false, For = TimeSpan.Zero }];
        Raise();
        Pass(0);
        _book.Clear(AlarmEvent.ServerUnhealthy, "search", _now);
        Pass(1);

        _book.State.Waiting.Count.ShouldBe(1);
        _book.State.Recent.Count.ShouldBe(1);
    }

    [Fact]
    public void A_momentary_event_is_told_at_once_and_once()
    {
        _book.Raise(new Alarm(AlarmEvent.CircuitClosed, "search", "closed", _now), _now);
        Pass(3600);

        var told = _book.State.Waiting.Values.ShouldHaveSingleItem();
        told.IsResolved.ShouldBeFalse();
        _book.State.Alarms.ShouldBeEmpty();
        _book.State.Firing.ShouldBeEmpty();
        Page(null).ShouldHaveSingleItem().State.ShouldBe(AlertState.Resolved);
    }

    [Fact]
    public void A_rule_that_is_gone_ends_its_alerts_without_a_word()
    {
        Raise();
        Pass(60);
        _book.Rules = [];
        Pass(1);

        _book.State.Firing.ShouldBeEmpty();
        Page(AlertState.Raised).ShouldHaveSingleItem().Rule.ShouldBeNull();
        DeliveryQueue.Hopeless(_book.State, _book.Rules, _now).ShouldHaveSingleItem().Reason.ShouldContain("gone");
    }

    [Fact]
    public void What_a_node_said_is_over_when_it_says_so_or_is_gone()
    {
        var drift = new Alarm(AlarmEvent.ConfigDrift, "node-a", "differs", _now);
        _book.Reconcile("node-a", [drift], _now);
        _book.Reconcile("node-b", [drift with { Subject = "node-b" }], _now);
        _book.Reconcile("node-a", [], _now);
        _book.State.Alarms.Values.ShouldHaveSingleItem().Source.ShouldBe("node-b");

        _book.Clear(AlarmEvent.ConfigDrift, "node-b", _now);
        _book.State.Alarms.ShouldBeEmpty();
    }

    [Fact]
    public void A_circuit_that_opens_and_closes_raises_what_it_should()
    {
        _book.Rules = [Pager with { Events = [.. Enum.GetValues<AlarmEvent>()], For = TimeSpan.Zero }];
        var ready = VerdictTests.Facts(ServerLife.Ready);
        Take(ready with { Traffic = true, Window = new CircuitCounts(1, 0, 0) });
        Take(ready with { Circuit = CircuitPhase.Open, Text = "5 failures in a row" });
        Take(ready with { Circuit = CircuitPhase.HalfOpen });
        _book.State.Alarms.Keys.Select(key => key.Event).ShouldBe([AlarmEvent.CircuitOpened, AlarmEvent.ServerUnhealthy], ignoreOrder: true);
        Take(ready);
        Take(ready with { Traffic = true, Window = new CircuitCounts(2, 0, 0) });

        _book.State.Alarms.ShouldBeEmpty();
        _book.State.Recent.Select(alert => alert.Event).ShouldBe(
            [AlarmEvent.CircuitOpened, AlarmEvent.CircuitClosed, AlarmEvent.ServerUnhealthy, AlarmEvent.ServerRecovered], ignoreOrder: true);
    }

    [Fact]
    public void A_server_that_is_removed_leaves_nothing_behind()
    {
        Take(VerdictTests.Facts(ServerLife.Ready) with { Circuit = CircuitPhase.Open });
        _book.Forget(new ServerId("search"), _now);

        _book.State.Alarms.ShouldBeEmpty();
        _book.State.Verdicts.ShouldBeEmpty();
    }

    [Fact]
    public void Too_many_notifications_push_out_the_oldest_and_say_so()
    {
        for (var i = 0; i <= HealthState.MostWaiting; i++)
        {
            _book.Raise(new Alarm(AlarmEvent.CircuitClosed, $"s{i}", "closed", _now), _now);
        }

        _book.State.Waiting.Count.ShouldBe(HealthState.MostWaiting);
        _book.State.Waiting.Values.First().Alert.Subject.ShouldBe("s1");
        _book.State.Recent.Count.ShouldBe(HealthState.MostRecent);
    }

    [Fact]
    public void Deliveries_of_a_rule_go_one_after_the_other_and_back_off()
    {
        var queue = new DeliveryQueue();
        Raise();
        Pass(60);
        queue.TakeDue(_book.State, _book.Rules, lastStored: 0, _now).ShouldBeEmpty("the journal does not have it yet");
        var first = queue.TakeDue(_book.State, _book.Rules, _book.State.LastNotification, _now).ShouldHaveSingleItem();
        Pass(600);
        Due().ShouldBeNull("one is under way");

        var waits = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            queue.Ended("pager", DeliveryResult.Retry, 0.5, _now);
            var failed = _now;
            while (Due() is null)
            {
                _now += TimeSpan.FromSeconds(1);
            }

            waits.Add((_now - failed).TotalSeconds);
        }

        waits.ShouldBe([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        queue.Ended("pager", DeliveryResult.Delivered, 0.5, _now);
        _book.Delivered([.. first.Notifications.Select(each => each.Id)], _now);
        Due()!.Notifications.ShouldHaveSingleItem().Id.ShouldEndWith("-2");

        Delivery? Due() => queue.TakeDue(_book.State, _book.Rules, _book.State.LastNotification, _now).SingleOrDefault();
    }

    [Fact]
    public void Pages_hold_every_alert_once()
    {
        _book.Rules = [Pager with { For = TimeSpan.Zero, Events = [AlarmEvent.ServerUnhealthy] }];
        for (var i = 0; i < 25; i++)
        {
            _book.Raise(new Alarm(i % 2 == 0 ? AlarmEvent.ServerUnhealthy : AlarmEvent.ConfigDrift, $"s{i}", "", _now), _now);
            Pass(1);
            if (i % 6 == 0)
            {
                _book.Clear(AlarmEvent.ServerUnhealthy, $"s{i}", _now);
                Pass(1);
            }
        }

        var all = new List<AlertLine>();
        var after = "";
        do
        {
            var page = AlertList.Page(_book.State, _book.Rules, new HealthProtocol.GetAlerts(null, after, 4));
            all.AddRange(page.Alerts);
            after = page.Next;
        }
        while (after is not null);

        all.Count.ShouldBe(25);
        all.Select(line => line.Subject).Distinct().Count().ShouldBe(25);
        all.Select(line => line.State).ShouldBeInOrder();
    }

    [Property(MaxTest = 500, EndSize = 300)]
    public void Replaying_the_events_gives_the_state_and_every_alert_that_fires_has_its_alarm(byte[] script)
    {
        var book = new HealthBook { Rules = [Pager, Pager with { Name = "chat", Events = [AlarmEvent.CircuitOpened, AlarmEvent.ServerDegraded], For = TimeSpan.Zero, Repeat = null }] };
        var replayed = HealthState.Initial;
        foreach (var step in script)
        {
            Step(book, step);
            foreach (var change in book.Events)
            {
                replayed = replayed.Evolve(change);
            }

            book.Events.Clear();
            Show(replayed).ShouldBe(Show(book.State));
            foreach (var alert in book.State.Firing.Values)
            {
                // At most until the next look at the rules.
                (book.State.Alarms.ContainsKey(new AlarmKey(alert.Event, alert.Subject)) || step % 7 != 6).ShouldBeTrue();
            }

            foreach (var waiting in book.State.Waiting.Values)
            {
                waiting.Number.ShouldBeLessThanOrEqualTo(book.State.LastNotification);
            }

            foreach (var health in book.State.Verdicts.Values)
            {
                book.State.Alarms.ContainsKey(new AlarmKey(AlarmEvent.ServerUnhealthy, health.Server.Value)).ShouldBe(health.Verdict == HealthVerdict.Unhealthy);
                book.State.Alarms.ContainsKey(new AlarmKey(AlarmEvent.ServerDegraded, health.Server.Value)).ShouldBe(health.Verdict == HealthVerdict.Degraded);
            }
        }

        if (script.Length > 0 && book.NextTick is { } next)
        {
            // Nothing is due that a tick does not do.
            book.Tick(_now);
            (book.NextTick is null || book.NextTick > _now).ShouldBeTrue($"{next}");
        }
    }

    private void Step(HealthBook book, byte step)
    {
        var facts = VerdictTests.Facts((ServerLife)(step / 7 % 5)) with { Server = new ServerId($"s{step % 3}"), Text = "why" };
        switch (step % 7)
        {
            case 0:
                book.Take(facts with { Circuit = (CircuitPhase)(step / 35 % 3) }, _now);
                break;
            case 1:
                book.Take(facts with { Traffic = true, Window = new CircuitCounts(step / 50, step / 30, 0), FailuresInARow = step / 60 }, _now);
                break;
            case 2 or 3:
                book.Take(facts with { Life = ServerLife.Ready }, (ProbeResult)(step / 7 % 2), TimeSpan.FromSeconds(step / 80), null, _now);
                break;
            case 4:
                book.Delivered([.. book.State.Waiting.Values.Take(step % 4).Select(each => each.Id)], _now);
                break;
            case 5 when step > 200:
                book.Forget(facts.Server, _now);
                break;
            default:
                _now += TimeSpan.FromSeconds(step);
                book.Tick(_now);
                break;
        }
    }

    private void Take(ServerFacts facts)
    {
        _book.Take(facts, _now);
        Pass(1);
    }

    private void Raise() => _book.Raise(new Alarm(AlarmEvent.ServerUnhealthy, "search", "it does not answer", _now), _now);

    private void Pass(int seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        _book.Tick(_now);
    }

    private IReadOnlyList<AlertLine> Page(AlertState? state) => AlertList.Page(_book.State, _book.Rules, new HealthProtocol.GetAlerts(state, "", 40)).Alerts;

    private static string Show(HealthState state) => string.Join('\n', new[]
    {
        string.Join(' ', state.Verdicts.Values.OrderBy(health => health.Server.Value)),
        string.Join(' ', state.Alarms.Values.OrderBy(alarm => alarm.Event).ThenBy(alarm => alarm.Subject)),
        string.Join(' ', state.Firing.Values.OrderBy(alert => alert.Id)),
        string.Join(' ', state.Recent),
        string.Join(' ', state.Waiting.Values),
    });
}
