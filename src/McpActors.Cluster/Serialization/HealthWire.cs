using System.Collections.Immutable;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using static McpActors.Cluster.Serialization.WireTypes;
using Journal = McpActors.Cluster.Serialization.Protos.Servers;
using Proto = McpActors.Cluster.Serialization.Protos.Health;

namespace McpActors.Cluster.Serialization;

/// <summary>Health on the wire: verdicts, alarms, alerts, probes.</summary>
internal static class HealthWire
{
    public static void Register(WireFormatBuilder wire)
    {
        RegisterAlarmEvents(wire);
        RegisterAlertEvents(wire);
        RegisterTalk(wire);
        RegisterProbes(wire);
    }

    private static void RegisterAlarmEvents(WireFormatBuilder wire) => wire
        .Add<HealthEvents.VerdictChanged, Proto.VerdictChanged>(
            "health-verdict-changed-v1", e => new Proto.VerdictChanged { Health = Write(e.Health) }, p => new HealthEvents.VerdictChanged(Read(p.Health)))
        .Add<HealthEvents.AlarmRaised, Proto.AlarmRaised>(
            "health-alarm-raised-v1", e => new Proto.AlarmRaised { Alarm = Write(e.Alarm) }, p => new HealthEvents.AlarmRaised(Read(p.Alarm)))
        .Add<HealthEvents.AlarmCleared, Proto.AlarmCleared>(
            "health-alarm-cleared-v1",
            e => new Proto.AlarmCleared { Event = Write(e.Event), Subject = e.Subject, At = ToTicks(e.At) },
            p => new HealthEvents.AlarmCleared(Read(p.Event), p.Subject, ToTime(p.At)))
        .Add<HealthState, Proto.State>("health-state-v1", Write, Read);

    private static void RegisterAlertEvents(WireFormatBuilder wire) => wire
        .Add<HealthEvents.AlertFired, Proto.AlertFired>(
            "health-alert-fired-v1", e => new Proto.AlertFired { Alert = Write(e.Alert) }, p => new HealthEvents.AlertFired(Read(p.Alert)))
        .Add<HealthEvents.AlertRepeated, Proto.AlertRepeated>(
            "health-alert-repeated-v1",
            e => new Proto.AlertRepeated { Alert = Write(e.Alert), At = ToTicks(e.At) },
            p => new HealthEvents.AlertRepeated(Read(p.Alert), ToTime(p.At)))
        .Add<HealthEvents.AlertResolved, Proto.AlertResolved>(
            "health-alert-resolved-v1",
            e => new Proto.AlertResolved { Alert = Write(e.Alert), At = ToTicks(e.At), Told = e.Told },
            p => new HealthEvents.AlertResolved(Read(p.Alert), ToTime(p.At), p.Told))
        .Add<HealthEvents.NotificationsDelivered, Proto.NotificationsDelivered>(
            "health-notifications-delivered-v1",
            e => new Proto.NotificationsDelivered { Ids = { e.Ids }, At = ToTicks(e.At) },
            p => new HealthEvents.NotificationsDelivered([.. p.Ids], ToTime(p.At)))
        .Add<HealthEvents.NotificationsDropped, Proto.NotificationsDropped>(
            "health-notifications-dropped-v1",
            e => new Proto.NotificationsDropped { Ids = { e.Ids }, At = ToTicks(e.At), Reason = e.Reason },
            p => new HealthEvents.NotificationsDropped([.. p.Ids], ToTime(p.At), p.Reason));

    private static void RegisterTalk(WireFormatBuilder wire) => wire
        .Add<HealthProtocol.NodeReport, Proto.NodeReport>(
            "health-node-report-v1",
            c => new Proto.NodeReport
            {
                Node = c.Node,
                Life = c.Life,
                Revision = c.Revision,
                Alarms = { c.Alarms.Select(Write) },
                Signals = { c.Signals.Select(Write) },
                Facts = { c.Facts.Select(Write) },
            },
            p => new HealthProtocol.NodeReport(p.Node, p.Life, p.Revision, [.. p.Alarms.Select(Read)], [.. p.Signals.Select(Read)], [.. p.Facts.Select(Read)]))
        .Add<HealthProtocol.GetAlerts, Proto.GetAlerts>(
            "health-get-alerts-v1",
            c => new Proto.GetAlerts { State = c.State is { } state ? Names.Write<AlertState, Proto.AlertState>(state) : default, After = c.After, Limit = c.Limit },
            p => new HealthProtocol.GetAlerts(p.State == default ? null : Names.Read<Proto.AlertState, AlertState>(p.State), p.After, p.Limit))
        .Add<HealthProtocol.InStep, Proto.InStep>(
            "health-in-step-v1", r => new Proto.InStep { Life = r.Life, Revision = r.Revision }, p => new HealthProtocol.InStep(p.Life, p.Revision))
        .Add<HealthProtocol.VerdictPage, Proto.VerdictPage>(
            "health-verdict-page-v1",
            r => new Proto.VerdictPage { Life = r.Life, Revision = r.Revision, Verdicts = { r.Verdicts.Select(Write) }, First = r.First, Last = r.Last },
            p => new HealthProtocol.VerdictPage(p.Life, p.Revision, [.. p.Verdicts.Select(Read)], p.First, p.Last))
        .Add<HealthProtocol.VerdictNews, Proto.VerdictNews>(
            "health-verdict-news-v1",
            r => new Proto.VerdictNews { Life = r.Life, Revision = r.Revision, Verdicts = { r.Verdicts.Select(Write) } },
            p => new HealthProtocol.VerdictNews(p.Life, p.Revision, [.. p.Verdicts.Select(Read)]))
        .Add<HealthProtocol.AlertPage, Proto.AlertPage>("health-alert-page-v1", Write, p => new HealthProtocol.AlertPage([.. p.Alerts.Select(Read)], p.HasNext ? p.Next : null));

    private static void RegisterProbes(WireFormatBuilder wire) => wire
        .Add<ServerProtocol.ProbeServer, Proto.ProbeServer>(
            "server-probe-v1", c => new Proto.ProbeServer { Server = c.Server.Value }, p => new ServerProtocol.ProbeServer(new ServerId(p.Server)))
        .Add<ServerProtocol.ServerProbed, Proto.ServerProbed>(
            "server-probed-v1",
            r =>
            {
                var written = new Proto.ServerProbed
                {
                    Server = r.Server.Value,
                    Result = Names.Write<ProbeResult, Proto.ProbeResult>(r.Result),
                    Latency = r.Latency.Ticks,
                    Facts = Write(r.Facts),
                };
                if (r.Text is not null)
                    written.Text = r.Text;
                return written;
            },
            p => new ServerProtocol.ServerProbed(
                new ServerId(p.Server), Names.Read<Proto.ProbeResult, ProbeResult>(p.Result), TimeSpan.FromTicks(p.Latency), p.HasText ? p.Text : null, Read(p.Facts)));

    /// <summary>A probe in a server's status.</summary>
    public static Proto.ProbeReport Write(ProbeReport report)
    {
        var written = new Proto.ProbeReport { At = ToTicks(report.At), Result = Names.Write<ProbeResult, Proto.ProbeResult>(report.Result), Latency = report.Latency.Ticks };
        if (report.Text is not null)
            written.Text = report.Text;
        return written;
    }

    /// <summary>A probe in a server's status.</summary>
    public static ProbeReport Read(Proto.ProbeReport report) => new(
        ToTime(report.At), Names.Read<Proto.ProbeResult, ProbeResult>(report.Result), TimeSpan.FromTicks(report.Latency), report.HasText ? report.Text : null);

    private static Proto.Event Write(AlarmEvent what) => Names.Write<AlarmEvent, Proto.Event>(what);

    private static AlarmEvent Read(Proto.Event what) => Names.Read<Proto.Event, AlarmEvent>(what);

    private static Proto.ServerHealth Write(ServerHealth health) => new()
    {
        Server = health.Server.Value,
        Verdict = Names.Write<HealthVerdict, Proto.Verdict>(health.Verdict),
        Since = ToTicks(health.Since),
        Reason = health.Reason,
    };

    private static ServerHealth Read(Proto.ServerHealth health) => new(
        new ServerId(health.Server), Names.Read<Proto.Verdict, HealthVerdict>(health.Verdict), ToTime(health.Since), health.Reason);

    private static Proto.ServerFacts Write(ServerFacts facts)
    {
        var written = new Proto.ServerFacts
        {
            Server = facts.Server.Value,
            Circuit = Names.Write<CircuitPhase, Journal.Phase>(facts.Circuit),
            Forced = facts.Forced,
            Life = Names.Write<ServerLife, Proto.Life>(facts.Life),
            Successes = facts.Window.Successes,
            Failures = facts.Window.Failures,
            Slow = facts.Window.Slow,
            FailuresInARow = facts.FailuresInARow,
            Traffic = facts.Traffic,
        };
        if (facts.Text is not null)
            written.Text = facts.Text;
        return written;
    }

    private static ServerFacts Read(Proto.ServerFacts facts) => new(
        new ServerId(facts.Server),
        Names.Read<Journal.Phase, CircuitPhase>(facts.Circuit),
        facts.Forced,
        Names.Read<Proto.Life, ServerLife>(facts.Life),
        new CircuitCounts(facts.Successes, facts.Failures, facts.Slow),
        facts.FailuresInARow,
        facts.Traffic,
        facts.HasText ? facts.Text : null);

    private static Proto.Alarm Write(Alarm alarm)
    {
        var written = new Proto.Alarm { Event = Write(alarm.Event), Subject = alarm.Subject, Text = alarm.Text, Since = ToTicks(alarm.Since) };
        if (alarm.Source is not null)
            written.Source = alarm.Source;
        return written;
    }

    private static Alarm Read(Proto.Alarm alarm) => new(Read(alarm.Event), alarm.Subject, alarm.Text, ToTime(alarm.Since), alarm.HasSource ? alarm.Source : null);

    private static Proto.AlertKey Write(AlertKey key) => new() { Rule = key.Rule, Event = Write(key.Event), Subject = key.Subject };

    private static AlertKey Read(Proto.AlertKey key) => new(key.Rule, Read(key.Event), key.Subject);

    private static Proto.Alert Write(Alert alert)
    {
        var written = new Proto.Alert
        {
            Id = alert.Id,
            Rule = alert.Rule,
            Event = Write(alert.Event),
            Subject = alert.Subject,
            Text = alert.Text,
            Since = ToTicks(alert.Since),
            FiredAt = ToTicks(alert.FiredAt),
            Repeats = alert.Repeats,
            NotifiedAt = ToTicks(alert.NotifiedAt),
        };
        if (alert.ResolvedAt is { } resolved)
            written.ResolvedAt = ToTicks(resolved);
        if (alert.DeliveredAt is { } delivered)
            written.DeliveredAt = ToTicks(delivered);
        if (alert.Fault is not null)
            written.Fault = alert.Fault;
        return written;
    }

    private static Alert Read(Proto.Alert alert) => new()
    {
        Id = alert.Id,
        Rule = alert.Rule,
        Event = Read(alert.Event),
        Subject = alert.Subject,
        Text = alert.Text,
        Since = ToTime(alert.Since),
        FiredAt = ToTime(alert.FiredAt),
        Repeats = alert.Repeats,
        NotifiedAt = ToTime(alert.NotifiedAt),
        ResolvedAt = alert.HasResolvedAt ? ToTime(alert.ResolvedAt) : null,
        DeliveredAt = alert.HasDeliveredAt ? ToTime(alert.DeliveredAt) : null,
        Fault = alert.HasFault ? alert.Fault : null,
    };

    private static Proto.State Write(HealthState state) => new()
    {
        Verdicts = { state.Verdicts.Values.OrderBy(health => health.Server.Value, StringComparer.Ordinal).Select(Write) },
        Alarms = { state.Alarms.Values.OrderBy(alarm => alarm.Event).ThenBy(alarm => alarm.Subject, StringComparer.Ordinal).Select(Write) },
        Firing = { state.Firing.Values.OrderBy(alert => alert.Id, StringComparer.Ordinal).Select(Write) },
        Recent = { state.Recent.Select(Write) },
        Waiting = { state.Waiting.Values.Select(each => new Proto.Notification { Number = each.Number, Id = each.Id, Alert = Write(each.Alert), At = ToTicks(each.At) }) },
        LastNotification = state.LastNotification,
    };

    private static HealthState Read(Proto.State state) => new()
    {
        Verdicts = state.Verdicts.Select(Read).ToImmutableDictionary(health => health.Server),
        Alarms = state.Alarms.Select(Read).ToImmutableDictionary(AlarmKey.Of),
        Firing = state.Firing.Select(Read).ToImmutableDictionary(alert => alert.Key),
        Recent = [.. state.Recent.Select(Read)],
        Waiting = state.Waiting.ToImmutableSortedDictionary(each => each.Number, each => new Notification(each.Number, each.Id, Read(each.Alert), ToTime(each.At))),
        LastNotification = state.LastNotification,
    };

    private static Proto.AlertPage Write(HealthProtocol.AlertPage page)
    {
        var written = new Proto.AlertPage { Alerts = { page.Alerts.Select(Write) } };
        if (page.Next is not null)
            written.Next = page.Next;
        return written;
    }

    private static Proto.AlertLine Write(AlertLine line)
    {
        var written = new Proto.AlertLine
        {
            State = Names.Write<AlertState, Proto.AlertState>(line.State),
            Event = Write(line.Event),
            Subject = line.Subject,
            Text = line.Text,
            Since = ToTicks(line.Since),
            Repeats = line.Repeats,
        };
        if (line.Id is not null)
            written.Id = line.Id;
        if (line.Rule is not null)
            written.Rule = line.Rule;
        if (line.FiredAt is { } fired)
            written.FiredAt = ToTicks(fired);
        if (line.ResolvedAt is { } resolved)
            written.ResolvedAt = ToTicks(resolved);
        if (line.DeliveredAt is { } delivered)
            written.DeliveredAt = ToTicks(delivered);
        if (line.Fault is not null)
            written.Fault = line.Fault;
        return written;
    }

    private static AlertLine Read(Proto.AlertLine line) => new(
        Names.Read<Proto.AlertState, AlertState>(line.State), Read(line.Event), line.Subject, line.Text, ToTime(line.Since))
    {
        Id = line.HasId ? line.Id : null,
        Rule = line.HasRule ? line.Rule : null,
        FiredAt = line.HasFiredAt ? ToTime(line.FiredAt) : null,
        Repeats = line.Repeats,
        ResolvedAt = line.HasResolvedAt ? ToTime(line.ResolvedAt) : null,
        DeliveredAt = line.HasDeliveredAt ? ToTime(line.DeliveredAt) : null,
        Fault = line.HasFault ? line.Fault : null,
    };
}
