using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Persistence;
using McpActors.Core.Health;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Health.HealthProtocol;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Health;

/// <summary>
/// The one authority over verdicts and alerts: judges servers by what their actors tell and by probes that it orders, and tells webhooks what the rules
/// ask for. What is decided is in force at once and recorded behind; a webhook is told after that, so that another node knows what it was told.
/// <para>States: Loading (the journal is read, at most five seconds) → Serving → Stopping (requests under way end, the rest is stored).</para>
/// </summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "An actor's end is PostStop, which disposes them.")]
internal sealed partial class HealthMonitor : ReceiveActor, IWithTimers
{
    private const string TickTimer = "tick", LoadTimer = "load", StopTimer = "stop";
    private const int MostWaiting = 1_000;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the journal is waited for, at the start and before a webhook is told.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HealthMonitorSetup _setup;
    private readonly IActorRef _recorder;
    private readonly HealthBook _book = new();
    private readonly ProbeSchedule _schedule;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<(object Message, IActorRef Sender)> _kept = new();
    private long _life;
    private ProbeStream? _probes;
    private bool _loaded;
    private bool _stopping;

    public HealthMonitor(HealthMonitorSetup setup)
    {
        _setup = setup;
        _life = setup.Time.GetUtcNow().UtcTicks;
        _schedule = new ProbeSchedule(setup.Limits);
        _recorder = Context.Watch(Context.ActorOf(Recorder.Props("health", setup.Journal, setup.Recorder), "recorder"));
        Receive<NodeReport>(report => WhenLoaded(report, OnReport));
        Receive<GetAlerts>(query => WhenLoaded(query, asked => Sender.Tell(AlertList.Page(_book.State, _book.Rules, asked))));
        Receive<ServerProbed>(OnProbed);
        Receive<Posted>(OnPosted);
        Receive<CatalogueChanged>(_ => FollowCatalogue());
        Receive<Tick>(_ => OnTick());
        Receive<LoadDue>(_ => OnLoadDue());
        Receive<Recovered>(OnRecovered);
        Receive<Recorded>(OnRecorded);
        Receive<SecondWriterFound>(_ => Context.Stop(Self));
        Receive<Stop>(_ => OnStop());
        Receive<StopDue>(_ => CloseRecorder());
        Receive<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => _setup.Time.GetUtcNow();

    public static Props Props(HealthMonitorSetup setup) => Akka.Actor.Props.Create(() => new HealthMonitor(setup));

    protected override void PreStart()
    {
        _probes = ProbeStream.Start(Context, Self, _setup);
        Context.System.EventStream.Subscribe(Self, typeof(CatalogueChanged));
        Timers.StartSingleTimer(LoadTimer, LoadDue.Instance, Patience);
        Timers.StartPeriodicTimer(TickTimer, Tick.Instance, Period);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _stopped.Cancel();
        _stopped.Dispose();
        _setup.Metrics.Stopped();
    }

    private void WhenLoaded<T>(T message, Action<T> handle)
        where T : notnull
    {
        if (_loaded)
            handle(message);
        else if (_kept.Count < MostWaiting)
            _kept.Enqueue((message, Sender));
    }

    private void OnReport(NodeReport report)
    {
        var now = Now;
        foreach (var facts in report.Facts)
            Take(facts, now);
        _book.Reconcile(report.Node, report.Alarms, now);
        foreach (var signal in report.Signals)
            _book.Raise(signal with { Source = report.Node }, now);
        Finish(now);
        Answer(report);
    }

    private void Take(ServerFacts facts, DateTimeOffset now)
    {
        if (!_followed.Contains(facts.Server))
            return;
        Plan(facts, now);
        _book.Take(facts, now);
    }

    private void OnProbed(ServerProbed probed)
    {
        var now = Now;
        _setup.Metrics.Probed(probed.Result);
        if (_followed.Contains(probed.Server))
        {
            Plan(probed.Facts, now);
            _book.Take(probed.Facts, probed.Result, probed.Latency, probed.Text, now);
        }

        _schedule.Ended(probed.Server, probed.Result, Random(), now);
        Finish(now);
    }

    // Traffic tells more than probes, and what does not run is left alone.
    private void Plan(ServerFacts facts, DateTimeOffset now)
    {
        if (facts.Traffic)
            _schedule.Traffic(facts.Server, now);
        else if (facts is { Life: ServerLife.Idle, Circuit: Core.Servers.Circuit.CircuitPhase.Closed } or { Life: ServerLife.Off })
            _schedule.Asleep(facts.Server);
        else
            _schedule.Awake(facts.Server, Random(), now);
    }

    private void OnTick()
    {
        if (!_loaded || _stopping)
            return;
        // The last step may change nothing in the catalogue, and is not told then.
        if (!_inStep && _setup.IsInStep())
            FollowCatalogue();
        var now = Now;
        (_book.Rules, _book.KnowsAllRules) = (_setup.Rules, _inStep);
        WatchMembers(now);
        _book.Tick(now);
        foreach (var server in _schedule.TakeDue(now))
            _probes!.Order(server);
        Finish(now);
        GiveUpHopeless(now);
        Deliver(now);
    }

    private void WatchMembers(DateTimeOffset now)
    {
        var seen = _setup.Members();
        foreach (var lost in seen.Unreachable)
            _book.Raise(new Alarm(AlarmEvent.MemberUnreachable, lost, "the other members do not hear of it", now), now);
        foreach (var alarm in _book.State.Alarms.Values)
        {
            var over = alarm.Event == AlarmEvent.MemberUnreachable ? !seen.Unreachable.Contains(alarm.Subject) : alarm.Source is { } source && !seen.Members.Contains(source);
            if (over)
                _book.Clear(alarm.Event, alarm.Subject, now);
        }
    }

    private double Random() => _setup.Random.NextDouble();

    private void OnStop()
    {
        if (_stopping)
            return;
        _stopping = true;
        if (_deliveries.UnderWay == 0 || !_loaded)
            CloseRecorder();
        else
            Timers.StartSingleTimer(StopTimer, StopDue.Instance, StopPatience);
    }

    private void CloseRecorder() => _recorder.Tell(Close.Instance);

    private void OnTerminated(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_recorder))
            Context.Stop(Self);
        else
            _agents.Remove(terminated.ActorRef);
    }

    /// <summary>Hand-over to another node.</summary>
    internal sealed record Stop : INoSerializationVerificationNeeded
    {
        public static Stop Instance { get; } = new();
    }

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record LoadDue : INoSerializationVerificationNeeded
    {
        public static LoadDue Instance { get; } = new();
    }

    private sealed record StopDue : INoSerializationVerificationNeeded
    {
        public static StopDue Instance { get; } = new();
    }
}
