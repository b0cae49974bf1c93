using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Sources;
using McpActors.Transports.Registries;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>
/// Asks one registry at its pace and reports what it lists to the coordinator, its parent.
/// <para>Waiting ⇄ Asking. A failure changes nothing but the status: what the registry said before stays in force.</para>
/// </summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "An actor's end is PostStop, which disposes them.")]
internal sealed class RegistryPoller : ReceiveActor, IWithTimers
{
    private readonly SourceName _source;
    private readonly RegistryOptions _options;
    private readonly SourcesNode _node;
    private readonly IRegistryReader _reader;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private SourceStatus _status;
    private PollPace _pace;
    private bool _refused;

    public RegistryPoller(SourceName source, RegistryOptions options, SourcesNode node)
    {
        (_source, _options, _node) = (source, options, node);
        _reader = node.Registries(options);
        _pace = PollPace.Begin(Now, Random.Shared.NextDouble());
        _status = new SourceStatus(source, node.Address) { NextDue = _pace.Due };
        Receive<Due>(_ => Ask());
        Receive<RegistryAnswer.Listed>(OnListed);
        Receive<RegistryAnswer.Failed>(failed => OnFailed(failed.Reason, failed.RetryAfter));
        Receive<Status.Failure>(failure => OnDefect(failure.Cause));
        Receive<Stored>(_ => { });
        Receive<Refused>(OnRefused);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => _node.Time.GetUtcNow();

    public static Props Props(SourceName source, RegistryOptions options, SourcesNode node) =>
        Akka.Actor.Props.Create(() => new RegistryPoller(source, options, node));

    protected override void PreStart() => Wait();

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void Ask()
    {
        _refused = false;
        _reader.ReadAsync(_stopped.Token).PipeTo(Self);
    }

    private void OnListed(RegistryAnswer.Listed listed)
    {
        var servers = listed.Listing.Servers(_options.Approval);
        if (listed.Listing.Unreadable > 0)
            _log.Warning("{Source} lists {Count} entries that cannot be read; they are left out", _source, listed.Listing.Unreadable);
        foreach (var report in SourcesDecider.Reports(_source, servers))
            Context.Parent.Tell(report);
        _pace = PollPace.Succeeded(Now, _options.Interval, Random.Shared.NextDouble());
        _status = _status.Succeeded(Now, servers.Count, _pace.Due);
        Wait();
    }

    private void OnFailed(string reason, TimeSpan? retryAfter)
    {
        _pace = _pace.Failed(Now, _options.Interval, retryAfter, Random.Shared.NextDouble());
        _status = _status.Failed(Now, reason, _pace.Due);
        _log.Warning("{Source} was not read: {Reason}; what it said before stays in force, it is asked again at {Due}", _source, reason, _pace.Due);
        Wait();
    }

    /// <summary>What was listed is not in the journal: asked again soon, it is reported again.</summary>
    private void OnRefused(Refused refused)
    {
        if (_refused)
            return;
        _refused = true;
        OnFailed(refused.Reason, null);
    }

    private void OnDefect(Exception fault)
    {
        _log.Error(fault, "Reading {Source} failed in a way it should not", _source);
        OnFailed($"reading it failed ({fault.GetType().Name}); the log of {_node.Address} says more", null);
    }

    private void Wait()
    {
        Context.Parent.Tell(new Note(_status));
        _node.Board.Show(_status);
        var wait = _pace.Due - Now;
        Timers.StartSingleTimer("due", Due.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    private sealed record Due : INoSerializationVerificationNeeded
    {
        public static Due Instance { get; } = new();
    }
}
