using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Feed;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Health.HealthEvents;
using static McpActors.Core.Health.HealthProtocol;

namespace McpActors.Cluster.Health;

// What is recorded, who is told of it, and which servers there are.
internal sealed partial class HealthMonitor
{
    // A snapshot holds the verdicts on all servers: with thousands of them it is taken more seldom.
    private const int SnapshotEvery = 100;

    private readonly HashSet<ServerId> _followed = [];
    private readonly HashSet<IActorRef> _agents = [];
    private readonly List<ServerHealth> _news = [];
    private readonly List<IHealthEvent> _beforeRecovery = [];
    private readonly Queue<(long Record, long Notification, DateTimeOffset At)> _unstored = new();
    private bool _recovered;
    private bool _inStep;
    private long _revision;
    private long _lastRecord;
    private long _storedUpTo;
    private int _sinceSnapshot;

    private void OnRecovered(Recovered recovered)
    {
        var begin = recovered.Snapshot as HealthState ?? HealthState.Initial;
        var state = recovered.Events.Cast<IHealthEvent>().Aggregate(begin, static (folded, next) => folded.Evolve(next));
        var late = _loaded;
        _book.Recover(state, _beforeRecovery, Now);
        _recovered = true;
        // Circuits were looked at before the journal told which of them had an alarm: every node tells of all its servers again.
        _life += late ? 1 : 0;
        // What was counted from nothing goes on behind what the journal holds.
        _storedUpTo += state.LastNotification;
        for (var i = _unstored.Count; i > 0; i--)
        {
            var early = _unstored.Dequeue();
            _unstored.Enqueue(early with { Notification = early.Notification + state.LastNotification });
        }

        _beforeRecovery.Clear();
        // Verdicts from before are news to every node.
        _revision++;
        foreach (var health in _book.State.Verdicts.Values)
            _setup.Metrics.Judged(health.Server, health.Verdict);
        CountFiring();
        Load();
        if (late)
            FollowCatalogue();
        Finish(Now);
    }

    private void OnLoadDue()
    {
        if (_loaded)
            return;
        _log.Warning("The journal of health does not answer; servers are judged anew, and what fires is not known");
        Load();
    }

    private void Load()
    {
        if (_loaded)
            return;
        _loaded = true;
        Timers.Cancel(LoadTimer);
        _book.Rules = _setup.Rules;
        FollowCatalogue();
        while (_kept.TryDequeue(out var kept))
            Self.Tell(kept.Message, kept.Sender);
    }

    private void FollowCatalogue()
    {
        if (!_loaded)
            return;
        var now = Now;
        // Asked before the catalogue is read, which may come to be in step in between.
        _inStep |= _setup.IsInStep();
        var wanted = _setup.Catalogue.Current.Servers.Where(model => model.Enabled).ToDictionary(model => model.Id);
        _followed.UnionWith(_book.State.Verdicts.Keys);
        _followed.UnionWith(_book.State.Alarms.Values.Where(alarm => alarm.Event.IsOfServer()).Select(alarm => new ServerId(alarm.Subject)));
        var missing = _followed.Where(server => !wanted.ContainsKey(server)).ToArray();
        foreach (var server in missing)
            _schedule.Drop(server);
        // Until the catalogue is in step they are only not probed: what was added at run time or discovered comes after the node's own file.
        ServerId[] forgotten = _inStep ? missing : [];
        foreach (var gone in forgotten)
        {
            _followed.Remove(gone);
            _book.Forget(gone, now);
        }

        foreach (var model in wanted.Values)
        {
            var isNew = _followed.Add(model.Id);
            _schedule.Follow(model.Id, model.HealthInterval, Random(), now);
            // A process that runs has an actor, and that tells of it; to look after the others would only wake their actors.
            if (isNew && model.Transport == Core.Configuration.ServerTransport.Stdio)
                _schedule.Asleep(model.Id);
        }

        Finish(now);
        foreach (var gone in forgotten)
            _setup.Metrics.Forgotten(gone);
    }

    // What was decided is recorded and told.
    private void Finish(DateTimeOffset now)
    {
        var events = _book.Events;
        if (events.Count == 0)
            return;
        var alerts = false;
        foreach (var change in events)
        {
            _recorder.Tell(new Record(++_lastRecord, change, Confirm: false, change is VerdictChanged verdict ? $"verdict-{verdict.Health.Server}" : null));
            if (!_recovered && _beforeRecovery.Count < MostWaiting)
                _beforeRecovery.Add(change);
            alerts |= change is AlertFired or AlertRepeated or AlertResolved;
            Note(change);
        }

        events.Clear();
        if (alerts)
        {
            _unstored.Enqueue((_lastRecord, _book.State.LastNotification, now));
            CountFiring();
        }

        TellNews();
    }

    private void Note(IHealthEvent change)
    {
        switch (change)
        {
            case VerdictChanged { Health: var health }:
                _news.Add(health);
                _setup.Metrics.Judged(health.Server, health.Verdict);
                Context.System.EventStream.Publish(new Transition(TransitionKind.Health, health.Server.Value, Word(health.Verdict), health.Reason, health.Since, _setup.Node));
                break;
            case AlertFired { Alert: var alert }:
                _log.Warning("Alert {Rule}: {Event} of {Subject}: {Text}", alert.Rule, alert.Event.Word(), alert.Subject, alert.Text);
                break;
            case AlertResolved { Alert: var over }:
                _log.Info("Alert {Rule}: {Event} of {Subject} is over", over.Rule, over.Event.Word(), over.Subject);
                break;
            default:
                break;
        }
    }

    private static string Word(HealthVerdict verdict) => verdict switch
    {
        HealthVerdict.Unknown => "unknown",
        HealthVerdict.Healthy => "healthy",
        HealthVerdict.Degraded => "degraded",
        HealthVerdict.Unhealthy => "unhealthy",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };

    private void TellNews()
    {
        foreach (var part in _news.Chunk(MostInMessage))
        {
            _revision += part.Length;
            var news = new VerdictNews(_life, _revision, part);
            foreach (var agent in _agents)
                agent.Tell(news);
        }

        _news.Clear();
    }

    private void Answer(NodeReport report)
    {
        if (_agents.Add(Sender))
            Context.Watch(Sender);
        if (report.Life != _life || report.Revision != _revision)
        {
            ServerHealth[][] pages = _book.State.Verdicts.IsEmpty ? [[]] : [.. _book.State.Verdicts.Values.Chunk(MostInMessage)];
            for (var i = 0; i < pages.Length; i++)
                Sender.Tell(new VerdictPage(_life, _revision, pages[i], i == 0, i == pages.Length - 1));
        }

        Sender.Tell(new InStep(_life, _revision));
    }

    private void OnRecorded(Recorded recorded)
    {
        while (_unstored.TryPeek(out var oldest) && oldest.Record <= recorded.Id)
            _storedUpTo = _unstored.Dequeue().Notification;
        if (++_sinceSnapshot >= Math.Max(SnapshotEvery, _book.State.Verdicts.Count))
        {
            _sinceSnapshot = 0;
            _recorder.Tell(new SaveSnapshot(_book.State));
        }

        if (_loaded && !_stopping)
            Deliver(Now);
    }

    private void CountFiring() => _setup.Metrics.Firing(_book.Rules.ToDictionary(
        rule => rule.Name, rule => _book.State.Firing.Keys.Count(alert => alert.Rule == rule.Name), StringComparer.Ordinal));
}
