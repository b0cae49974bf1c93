using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Cluster.Tests.Serialization;

/// <summary>What is stored and said about health.</summary>
internal static class HealthSamples
{
    private static readonly DateTimeOffset At = new(2026, 11, 27, 6, 0, 0, TimeSpan.Zero);
    private static readonly ServerId Search = new("search");

    public static IEnumerable<(string Name, object Sample)> All()
    {
        var health = new ServerHealth(Search, HealthVerdict.Unhealthy, At, "the circuit is open: 5 failures in a row");
        var facts = new ServerFacts(Search, CircuitPhase.HalfOpen, Forced: true, ServerLife.Failing, new CircuitCounts(3, 2, 1), 2, Traffic: true, "connection refused");
        var quiet = new ServerFacts(Search, CircuitPhase.Closed, Forced: false, ServerLife.Ready, default, 0, Traffic: false, null);
        var alarm = new Alarm(AlarmEvent.ConfigDrift, "akka.tcp://mcpactors@127.0.0.1:4053", "hash a, agreed on b", At, "akka.tcp://mcpactors@127.0.0.1:4053");
        var own = new Alarm(AlarmEvent.ServerUnhealthy, "search", "it does not answer", At);
        var rule = new AlertRule { Name = "pager" };
        var firing = Alert.Of(rule, own, At.AddMinutes(1)) with { Repeats = 1, NotifiedAt = At.AddMinutes(5), DeliveredAt = At.AddMinutes(2) };
        var ended = Alert.Of(rule, alarm, At) with { ResolvedAt = At.AddMinutes(3), Fault = "HTTP 404" };
        var state = HealthState.Initial with
        {
            Verdicts = HealthState.Initial.Verdicts.Add(Search, health),
            Alarms = HealthState.Initial.Alarms.Add(AlarmKey.Of(own), own),
            Firing = HealthState.Initial.Firing.Add(firing.Key, firing),
            Recent = [ended],
            Waiting = HealthState.Initial.Waiting.Add(7, new Notification(7, $"{firing.Id}-2", firing, At.AddMinutes(5))),
            LastNotification = 7,
        };
        return
        [
            ("health-verdict-changed-v1", new HealthEvents.VerdictChanged(health)),
            ("health-alarm-raised-v1", new HealthEvents.AlarmRaised(own)),
            ("health-alarm-raised-v1.node", new HealthEvents.AlarmRaised(alarm)),
            ("health-alarm-cleared-v1", new HealthEvents.AlarmCleared(AlarmEvent.MemberUnreachable, alarm.Subject, At)),
            ("health-alert-fired-v1", new HealthEvents.AlertFired(firing)),
            ("health-alert-fired-v1.ended", new HealthEvents.AlertFired(ended)),
            ("health-alert-repeated-v1", new HealthEvents.AlertRepeated(firing.Key, At)),
            ("health-alert-resolved-v1", new HealthEvents.AlertResolved(firing.Key, At, Told: true)),
            ("health-notifications-delivered-v1", new HealthEvents.NotificationsDelivered(["a-1", "b-1"], At)),
            ("health-notifications-dropped-v1", new HealthEvents.NotificationsDropped(["a-1"], At, "its rule is gone")),
            ("health-state-v1", state),
            ("health-state-v1.initial", HealthState.Initial),
            ("health-node-report-v1", new HealthProtocol.NodeReport(alarm.Subject, 42, 7, [alarm], [own], [facts, quiet])),
            ("health-get-alerts-v1", new HealthProtocol.GetAlerts(null, "", 40)),
            ("health-get-alerts-v1.firing", new HealthProtocol.GetAlerts(AlertState.Firing, "0~", 10)),
            ("health-in-step-v1", new HealthProtocol.InStep(42, 7)),
            ("health-verdict-page-v1", new HealthProtocol.VerdictPage(42, 7, [health], First: true, Last: false)),
            ("health-verdict-news-v1", new HealthProtocol.VerdictNews(42, 8, [health with { Verdict = HealthVerdict.Unknown }])),
            ("health-alert-page-v1", new HealthProtocol.AlertPage(
                [
                    new AlertLine(AlertState.Raised, AlarmEvent.JournalDegraded, alarm.Subject, "disk full", At),
                    new AlertLine(AlertState.Resolved, AlarmEvent.SecondWriter, alarm.Subject, "1 entity", At)
                    {
                        Id = "0f", Rule = "pager", FiredAt = At, Repeats = 2, ResolvedAt = At, DeliveredAt = At, Fault = "HTTP 500",
                    },
                ],
                "3~")),
            ("health-alert-page-v1.last", new HealthProtocol.AlertPage([], null)),
            ("server-probe-v1", new ServerProtocol.ProbeServer(Search)),
            ("server-probed-v1", new ServerProtocol.ServerProbed(Search, ProbeResult.Failed, TimeSpan.FromSeconds(5), "no answer", facts)),
            ("server-probed-v1.answered", new ServerProtocol.ServerProbed(Search, ProbeResult.Answered, TimeSpan.FromMilliseconds(3), null, quiet)),
        ];
    }
}
