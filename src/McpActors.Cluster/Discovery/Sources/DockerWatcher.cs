using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Containers;
using McpActors.Core.Discovery.Sources;
using McpActors.Transports.Docker;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>
/// Lists the labelled containers of this node's engine and reports them to the coordinator: at its start, whenever the engine tells of a change, and every half
/// minute in case it did not.
/// <para>Idle ⇄ Listing, beside that Following or not. A failure changes nothing but the status: what the engine said before stays in force.</para>
/// </summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "An actor's end is PostStop, which disposes them.")]
internal sealed class DockerWatcher : ReceiveActor, IWithTimers
{
    private const string ListTimer = "list";

    /// <summary>Between listings, and at most between attempts at an engine that does not answer.</summary>
    private static readonly TimeSpan Calmly = TimeSpan.FromSeconds(30);

    /// <summary>After a sign of a change: a restart is several.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    /// <summary>After the engine was asked to tell of changes: what happened before it heard that is seen then.</summary>
    private static readonly TimeSpan FollowStart = TimeSpan.FromSeconds(1);

    /// <summary>Before a report that was not taken is made again.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(2);

    /// <summary>Before an engine that stopped to tell is asked to tell again; one that never does, as behind a filter, is listed as often.</summary>
    private static readonly TimeSpan FollowPause = TimeSpan.FromSeconds(5);

    private readonly IActorRef _coordinator;
    private readonly SourcesNode _node;
    private readonly SourceName _source;
    private readonly ContainerLabels _labels;
    private readonly ContainerReach _reach;
    private readonly IContainerEngine _engine;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private ContainerServers _servers = ContainerServers.None;
    private SourceStatus _status;
    private PollPace _pace;
    private DateTimeOffset _followFrom;
    private bool _isListing;
    private bool _isChanged;
    private bool _isFollowing;

    public DockerWatcher(IActorRef coordinator, DockerDiscoveryOptions options, SourcesNode node)
    {
        (_coordinator, _node) = (coordinator, node);
        _source = SourceName.Docker(node.Name);
        _labels = new ContainerLabels(options.Label);
        _engine = node.Engine();
        _reach = new ContainerReach(_engine.RemoteHost ?? node.Host, options.Address == ContainerAddress.Published || _engine.RemoteHost is not null);
        _status = new SourceStatus(_source, node.Address);
        _pace = new PollPace(Now, 0);
        Receive<ListDue>(_ => List());
        Receive<Changed>(_ => OnChanged());
        Receive<Listed>(listed => OnListed(listed.Containers));
        Receive<ListFailed>(failed => OnListFailed(failed.Cause));
        Receive<FollowEnded>(ended => OnFollowEnded(ended.Cause));
        Receive<Refused>(refused => OnRefused(refused.Reason));
        Receive<ISourcesReply>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => _node.Time.GetUtcNow();

    public static Props Props(IActorRef coordinator, DockerDiscoveryOptions options, SourcesNode node) =>
        Akka.Actor.Props.Create(() => new DockerWatcher(coordinator, options, node));

    protected override void PreStart() => List();

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
        _engine.Dispose();
    }

    private void List()
    {
        if (_isListing)
            return;
        (_isListing, _isChanged) = (true, false);
        _engine.ListAsync(_labels.Server, _stopped.Token).PipeTo(Self, success: static containers => new Listed(containers), failure: static fault => new ListFailed(fault));
    }

    private void OnChanged()
    {
        _isChanged = true;
        // While the engine is listing, the answer decides when it is asked again.
        if (!_isListing && _pace.Failures == 0)
            ListIn(Soon);
    }

    private void OnListed(IReadOnlyList<ContainerFacts> containers)
    {
        _isListing = false;
        var before = _servers.Servers;
        _servers = _servers.Listed(ContainerListing.Servers(containers, _labels, _reach), Now);
        Log(before);
        // Also what is the same: a report may have been lost with the node that led.
        foreach (var report in SourcesDecider.Reports(_source, _servers.Servers))
            _coordinator.Tell(report);
        if (_pace.Failures > 0)
            _log.Info("{Source} answers again", _source);
        _pace = new PollPace(Now, 0);
        Tell(_status.Succeeded(Now, _servers.Servers.Count, due: null));
        var wait = _isChanged ? Soon : Earlier(Calmly, _servers.NextLeave - Now);
        if (!_isFollowing)
            wait = Earlier(wait, Follow() ? FollowStart : _followFrom - Now);
        ListIn(wait);
    }

    private void OnListFailed(Exception cause)
    {
        _isListing = false;
        var isDefect = cause is not ContainerEngineException;
        var reason = isDefect ? $"reading it failed ({cause.GetType().Name}); the log of {_node.Address} says more" : cause.Message;
        if (isDefect)
            _log.Error(cause, "Reading {Source} failed in a way it should not", _source);
        else if (_status.LastError != reason)
            _log.Warning("{Source} does not tell its containers: {Reason}; what it said before stays in force", _source, reason);
        _pace = _pace.Failed(Now, Calmly, retryAfter: null, Random.Shared.NextDouble());
        Tell(_status.Failed(Now, reason, _pace.Due));
        ListIn(_pace.Due - Now);
    }

    /// <summary>Says nothing of the containers by itself: a listing tells whether the engine is gone.</summary>
    private void OnFollowEnded(Exception? cause)
    {
        (_isFollowing, _followFrom) = (false, Now + FollowPause);
        if (cause is null or ContainerEngineException)
            _log.Debug("{Source} does not tell of changes any more: {Reason}", _source, cause?.Message ?? "it ended that");
        else
            _log.Error(cause, "Following {Source} failed in a way it should not", _source);
        OnChanged();
    }

    /// <summary>What was listed is not in the journal: listed again soon, it is reported again.</summary>
    private void OnRefused(string reason)
    {
        _log.Debug("A report of {Source} was not taken: {Reason}", _source, reason);
        if (_pace.Failures == 0)
            ListIn(RefusedPause);
    }

    /// <summary>Asks the engine to tell of changes. False when that is not due yet.</summary>
    private bool Follow()
    {
        if (Now < _followFrom)
            return false;
        _isFollowing = true;
        var self = Self;
        _engine.FollowAsync(_labels.Server, () => self.Tell(Changed.Instance), _stopped.Token)
            .PipeTo(self, success: static () => new FollowEnded(null), failure: static fault => new FollowEnded(fault));
        return true;
    }

    private void Tell(SourceStatus status)
    {
        _status = status;
        _coordinator.Tell(new Note(status));
        _node.Board.Show(status);
    }

    private void Log(IReadOnlyList<DiscoveredServer> before)
    {
        foreach (var server in _servers.Servers.Where(server => server.Unavailable.Length > 0 && !before.Any(server.Says)))
            _log.Warning("{Source} has the server {Server}, which cannot be used: {Reason}", _source, server.Id, server.Unavailable);
    }

    private void ListIn(TimeSpan wait) => Timers.StartSingleTimer(ListTimer, ListDue.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);

    private static TimeSpan Earlier(TimeSpan one, TimeSpan? other) => other is { } wait && wait < one ? wait : one;

    private sealed record Listed(IReadOnlyList<ContainerFacts> Containers) : INoSerializationVerificationNeeded;

    private sealed record ListFailed(Exception Cause) : INoSerializationVerificationNeeded;

    private sealed record FollowEnded(Exception? Cause) : INoSerializationVerificationNeeded;

    private sealed record Changed : INoSerializationVerificationNeeded
    {
        public static Changed Instance { get; } = new();
    }

    private sealed record ListDue : INoSerializationVerificationNeeded
    {
        public static ListDue Instance { get; } = new();
    }
}
