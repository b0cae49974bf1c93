using Akka.Actor;
using McpActors.Cluster.Persistence;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using static McpActors.Core.Health.HealthProtocol;

namespace McpActors.Cluster.Health;

/// <summary>
/// Speaks for this node to the monitor of health: gathers the facts of the servers here and what is the matter with the node, and keeps the verdicts in step.
/// Transitions are told at once, the rest every five seconds; a monitor that is new is told everything again.
/// </summary>
internal sealed class HealthAgent : ReceiveActor, IWithTimers
{
    private const string ReportTimer = "report", SoonTimer = "soon";

    /// <summary>Between two reports without an occasion.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>What happens together is told together.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    private readonly IActorRef _monitor;
    private readonly HealthHolder _holder;
    private readonly AlarmBoard _board;
    private readonly IJournalHealth _journal;
    private readonly string _node = Akka.Cluster.Cluster.Get(Context.System).SelfAddress.ToString();
    private readonly Dictionary<ServerId, ServerFacts> _known = [];
    private readonly Dictionary<ServerId, ServerFacts> _fresh = [];
    private readonly List<ServerHealth> _pages = [];
    private long _monitorLife;
    private long _secondWriters;

    public HealthAgent(IActorRef monitor, HealthHolder holder, AlarmBoard board, IJournalHealth journal)
    {
        _monitor = monitor;
        _holder = holder;
        _board = board;
        _journal = journal;
        Receive<FactsKnown>(known => OnFacts(known.Facts));
        Receive<FactsGone>(gone => _known.Remove(gone.Server));
        Receive<AlarmsChanged>(_ => ReportSoon());
        Receive<ReportNow>(_ => Report());
        Receive<ReportDue>(_ => OnReportDue());
        Receive<InStep>(step => Meet(step.Life));
        Receive<VerdictPage>(OnPage);
        Receive<VerdictNews>(OnNews);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef monitor, HealthHolder holder, AlarmBoard board, IJournalHealth journal) =>
        Akka.Actor.Props.Create(() => new HealthAgent(monitor, holder, board, journal));

    protected override void PreStart()
    {
        var self = Self;
        _board.Changed = () => self.Tell(AlarmsChanged.Instance, ActorRefs.NoSender);
        Context.System.EventStream.Subscribe(Self, typeof(FactsKnown));
        Context.System.EventStream.Subscribe(Self, typeof(FactsGone));
        Timers.StartPeriodicTimer(ReportTimer, ReportDue.Instance, TimeSpan.Zero, Period);
    }

    protected override void PostStop()
    {
        _board.Changed = null;
        Context.System.EventStream.Unsubscribe(Self);
    }

    private void OnFacts(ServerFacts facts)
    {
        var turned = !_known.TryGetValue(facts.Server, out var before) || before.Circuit != facts.Circuit || before.Life != facts.Life || before.Forced != facts.Forced;
        _known[facts.Server] = facts;
        _fresh[facts.Server] = _fresh.TryGetValue(facts.Server, out var untold) ? facts with { Traffic = facts.Traffic || untold.Traffic } : facts;
        if (turned)
            ReportSoon();
    }

    private void OnReportDue()
    {
        WatchJournal();
        Report();
    }

    private void WatchJournal()
    {
        if (_journal.State is JournalState.Degraded degraded)
            _board.Raise(AlarmEvent.JournalDegraded, _node, degraded.Reason);
        else
            _board.Clear(AlarmEvent.JournalDegraded, _node);
        var found = _journal.SecondWriters;
        if (found > _secondWriters)
            _board.Raise(AlarmEvent.SecondWriter, _node, $"{found - _secondWriters} entities stopped, because another node wrote their history");
        _secondWriters = found;
    }

    private void ReportSoon()
    {
        if (!Timers.IsTimerActive(SoonTimer))
            Timers.StartSingleTimer(SoonTimer, ReportNow.Instance, Soon);
    }

    private void Report()
    {
        var alarms = _board.Raised;
        var signals = _board.TakeSignals();
        ServerFacts[][] parts = _fresh.Count == 0 ? [[]] : [.. _fresh.Values.Chunk(MostInMessage)];
        foreach (var part in parts)
        {
            _monitor.Tell(new NodeReport(_node, _holder.Life, _holder.Revision, alarms, signals, part), Self);
            signals = [];
        }

        _fresh.Clear();
    }

    // A monitor that began anew knows nothing of what was told to the one before.
    private void Meet(long life)
    {
        if (life == _monitorLife)
            return;
        _monitorLife = life;
        foreach (var facts in _known.Values)
            _fresh[facts.Server] = facts with { Traffic = false };
        ReportSoon();
    }

    private void OnPage(VerdictPage page)
    {
        if (page.First)
            _pages.Clear();
        _pages.AddRange(page.Verdicts);
        if (!page.Last)
            return;
        _holder.Take(page.Life, page.Revision, _pages);
        _pages.Clear();
    }

    private void OnNews(VerdictNews news)
    {
        if (!_holder.Take(news))
            ReportSoon();
    }

    private sealed record AlarmsChanged : INoSerializationVerificationNeeded
    {
        public static AlarmsChanged Instance { get; } = new();
    }

    private sealed record ReportNow : INoSerializationVerificationNeeded
    {
        public static ReportNow Instance { get; } = new();
    }

    private sealed record ReportDue : INoSerializationVerificationNeeded
    {
        public static ReportDue Instance { get; } = new();
    }
}
