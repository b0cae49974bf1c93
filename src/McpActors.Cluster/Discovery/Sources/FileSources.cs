using Akka.Actor;
using Akka.Event;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>
/// Looks every two seconds how this node read the files of <c>discovery.files</c>, logs which of them broke or was mended, and tells the coordinator. It reads
/// nothing itself: the configuration does, because each node has these files of its own.
/// </summary>
internal sealed class FileSources : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly IActorRef _coordinator;
    private readonly SourcesNode _node;
    private readonly Func<IReadOnlyList<DiscoveredFile>> _files;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IReadOnlyDictionary<SourceName, SourceStatus> _statuses = new Dictionary<SourceName, SourceStatus>();

    public FileSources(IActorRef coordinator, SourcesNode node, Func<IReadOnlyList<DiscoveredFile>> files)
    {
        (_coordinator, _node, _files) = (coordinator, node, files);
        Receive<LookDue>(_ => Look());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef coordinator, SourcesNode node, Func<IReadOnlyList<DiscoveredFile>> files) =>
        Akka.Actor.Props.Create(() => new FileSources(coordinator, node, files));

    protected override void PreStart()
    {
        Look();
        Timers.StartPeriodicTimer("look", LookDue.Instance, LookEvery);
    }

    private void Look()
    {
        var (before, files) = (_statuses, _files());
        _statuses = FileStatuses.Next(before, files, _node.Address, _node.Time.GetUtcNow());
        foreach (var file in files)
        {
            var (old, status) = (before.GetValueOrDefault(file.Source), _statuses[file.Source]);
            if (!ReferenceEquals(old, status))
                Tell(file, old);
            // Also what is the same: the coordinator may be another by now, and forgets a node that is silent.
            _coordinator.Tell(new Note(status));
        }
    }

    private void Tell(DiscoveredFile file, SourceStatus? before)
    {
        _node.Board.Show(_statuses[file.Source]);
        if (file.IsAbsent)
            _log.Info("{Source} does not exist here; its servers are added when it comes", file.Source);
        else if (file.Faults.Count > 0)
            _log.Error("{Source} cannot be used, {Consequence}: {Fault}", file.Source, file.IsKept ? "what it said before stays in force" : "its servers are left out", FileStatuses.ErrorOf(file));
        else if (before?.LastError.Length > 0)
            _log.Info("{Source} can be used again, it says {Count} servers", file.Source, _statuses[file.Source].Servers);
    }

    private sealed record LookDue : INoSerializationVerificationNeeded
    {
        public static LookDue Instance { get; } = new();
    }
}
