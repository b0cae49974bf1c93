using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Persistence;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

/// <summary>
/// The shell around <see cref="ServerDecider"/>: one per MCP server in the whole cluster. It hands messages to the decider, performs the effects that come
/// out, and does no I/O itself. What is decided takes effect at once and is recorded behind; operators' orders are stored first.
/// <para>States: Loading (the journal is read, at most <see cref="ServerNode.RecoveryPatience"/>) → Serving → Leaving (calls end, connections are closed) → stopped.</para>
/// </summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "An actor's end is PostStop, which disposes them.")]
internal sealed partial class ServerActor : ActorBase, IWithTimers
{
    private const string TickTimer = "tick", IdleTimer = "idle", LoadTimer = "load", ResultsTimer = "results", LeaveTimer = "leave";

    private readonly ServerId _server;
    private readonly ServerNode _node;
    private readonly ServerDecider _decider;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly RestingRecorder _recorder;
    // Null until there was one, here and below: there are as many as servers, and most are never called.
    private Dictionary<long, IActorRef>? _queries;
    private Dictionary<long, Order>? _orders;
    private ServerModel? _model;
    private DateTimeOffset? _tickAt;
    private DateTimeOffset _lastUse;
    private long _lastQuery;
    private long _lastRecord;
    private int _sinceSnapshot;
    private bool _leaving;

    public ServerActor(ServerId server, ServerNode node)
    {
        _server = server;
        _node = node;
        _model = node.Models.Find(server);
        _decider = new ServerDecider(Settings(), node.NextConnection);
        _recorder = new RestingRecorder(Context, $"server-{server}", node.Journal, node.Recorder);
        _lastUse = Now;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => _node.Time.GetUtcNow();

    public static Props Props(ServerId server, ServerNode node) => Akka.Actor.Props.Create(() => new ServerActor(server, node));

    protected override void PreStart()
    {
        _recorder.Start();
        Context.System.EventStream.Subscribe(Self, typeof(CatalogueChanged));
        LoadResults();
        Context.System.EventStream.Subscribe(Self, typeof(NodeGone));
        Timers.StartSingleTimer(LoadTimer, LoadingOver.Instance, _node.RecoveryPatience);
        Timers.StartPeriodicTimer(IdleTimer, IdleCheck.Instance, _node.PassivateAfter / 2);
    }

    protected override void PostStop()
    {
        _node.Local.Remove(_server, Self);
        Context.System.EventStream.Unsubscribe(Self);
        RefuseCallers();
        AbandonConnections();
        AbandonProbes();
        _node.Metrics.Stopped(_server);
    }

    private void OnAdmit(Admit message)
    {
        var now = Now;
        _lastUse = now;
        Refresh(now);
        if (IsKnown(message, now))
        {
            return;
        }

        var reply = _decider.Admit(message, now);
        if (message.Intent.Key is not null && reply is not CacheHit)
        {
            _node.Metrics.CacheUsed(_server, CacheUse.Miss);
        }

        if (reply is CacheHit { Stale: false })
        {
            _node.Metrics.CacheUsed(_server, CacheUse.Hit);
        }

        Answer(message.Call, reply);
        Finish(now);
    }

    private void OnAttemptFailed(AttemptFailed message)
    {
        var now = Now;
        Answer(message.Call, _decider.AttemptFailed(message, Random(), now));
        Finish(now);
    }

    private void OnComplete(Complete message)
    {
        var now = Now;
        _decider.Complete(message, Random(), now);
        Finish(now);
    }

    private void OnAbandon(Abandon message)
    {
        _callers.Remove(message.Call.Value);
        Decide(now => _decider.Abandon(message.Call, now));
    }

    private void OnGetCatalogue(GetCatalogue message)
    {
        var now = Now;
        // Who only looks does not keep it awake.
        _lastUse = message.Effort == ListEffort.Remember ? _lastUse : now;
        Refresh(now);
        var id = ++_lastQuery;
        if (_decider.GetCatalogue(id, message, now) is { } reply)
        {
            Send(Sender, reply);
        }
        else
        {
            (_queries ??= [])[id] = Sender;
        }

        Finish(now);
    }

    private void OnReleaseSlot(ReleaseSlot message) => Decide(now => _decider.ReleaseSlot(message.Slot, now));

    private void OnFetched(CatalogueFetcher.Fetched message) => Decide(now => _decider.ListFetched(message.Fetch, message.Page, message.Latency, now));

    private void OnNotFetched(CatalogueFetcher.NotFetched message) => Decide(now => _decider.FetchFailed(message.Fetch, message.Outcome, message.Text, Random(), now));

    private void OnOpened(UpstreamPool.Opened message)
    {
        Arrived(message.Id);
        (_open ??= []).Add(message.Id);
        _node.Metrics.Opened(_server, message.ProcessId is not null);
        Decide(now =>
        {
            _decider.Connected(message.Id, message.Peer, message.ProcessId, now);
            EndOpening(message.Id, null, null);
        });
    }

    private void OnNotOpened(UpstreamPool.NotOpened message)
    {
        Arrived(message.Id);
        Decide(now =>
        {
            _decider.ConnectFailed(message.Id, message.Outcome, message.Fault, Random(), now);
            EndOpening(message.Id, message.Outcome, message.Fault.Text);
        });
    }

    private void OnClosed(UpstreamInbox.Closed message)
    {
        _node.Metrics.Ended(_server, _model?.Transport == ServerTransport.Stdio);
        Decide(now => _decider.ConnectionClosed(message.Id, message.Fault, message.ExitCode, Random(), now));
    }

    private void OnNoticed(UpstreamInbox.Noticed message) => Decide(now =>
    {
        switch (message.Notice)
        {
            case { List: { } list }:
                _decider.ListChanged(list, now);
                break;
            default:
                _decider.ResourceUpdated(message.Notice.Resource);
                break;
        }
    });

    private void OnTick()
    {
        _tickAt = null;
        Decide(now => _decider.Tick(Random(), now));
    }

    private void OnIdleCheck()
    {
        var now = Now;
        TellLoad();
        if (_decider.IsIdle && _orders is not { Count: > 0 } && now - _lastUse >= _node.PassivateAfter)
        {
            Context.Parent.Tell(new Passivate(HandOff.Instance));
        }
    }

    private void OnHandOff()
    {
        _leaving = true;
        _node.Local.Leave(_server, Self);
        Timers.Cancel(IdleTimer);
        Timers.StartSingleTimer(LeaveTimer, LeaveTimeOver.Instance, _node.HandOffTime);
        Decide(_decider.Drain);
    }

    // Follows the catalogue: compared by reference on every call, so a change is in force with the next one.
    private void Refresh(DateTimeOffset now)
    {
        var model = _node.Models.Find(_server);
        if (ReferenceEquals(model, _model))
        {
            return;
        }

        var same = model is not null && _model is not null && model.Revision == _model.Revision;
        _model = model;
        if (!same)
        {
            _decider.Reconfigure(Settings(), now);
        }
    }

    private ServerSettings Settings() => _model is null ? ServerSettings.Missing(_server) : ServerSettings.Of(_model);

    private double Random() => _node.Random.NextDouble();
}
