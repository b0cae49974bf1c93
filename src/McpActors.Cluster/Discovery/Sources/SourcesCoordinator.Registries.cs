using Akka.Actor;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Routing;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>Which sources are asked: as the configuration in force says, looked at every two seconds; those that the cluster's revision does not name any more are forgotten.</summary>
internal sealed partial class SourcesCoordinator
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>An engine whose node was not heard of for this long is gone: long enough for a node to be restarted or its machine to be replaced.</summary>
    private static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(10);

    /// <summary>A file whose node was not heard of for this long is not read there any more; the nodes tell every two seconds.</summary>
    private static readonly TimeSpan SilentFileAfter = TimeSpan.FromSeconds(15);

    private readonly Dictionary<SourceName, (RegistryOptions Options, IActorRef Poller)> _pollers = [];
    private readonly Dictionary<(SourceName Source, string Node), (SourceStatus Status, DateTimeOffset Heard)> _statuses = [];
    private DiscoveryOptions? _looked;
    private DateTimeOffset _lookingSince;
    private int _pollerNumber;

    private void BeginLooking()
    {
        _lookingSince = _node.Time.GetUtcNow();
        Timers.StartPeriodicTimer("look", LookDue.Instance, LookEvery);
        Look();
    }

    private void OnNote(SourceStatus status) => _statuses[(status.Source, status.Node)] = (status, _node.Time.GetUtcNow());

    private void Look()
    {
        var wanted = _node.Discovery();
        if (!ReferenceEquals(wanted, _looked))
        {
            _looked = wanted;
            Poll(wanted.Registries);
        }

        // At a start this is the node's own file, while the cluster's revision may name other sources, whose servers would be gone until they answer again.
        if (_node.IsInStep())
            ForgetGone(wanted);
        var silent = _node.Time.GetUtcNow() - SilentFileAfter;
        foreach (var (key, _) in _statuses.Where(pair => pair.Key.Source.Kind == ServerSource.DiscoveredFile && pair.Value.Heard < silent).ToList())
            _statuses.Remove(key);
    }

    private void ForgetGone(DiscoveryOptions wanted)
    {
        foreach (var gone in State.Sources.Keys.Concat(_statuses.Keys.Select(static key => key.Source)).Where(source => IsGone(source, wanted)).ToHashSet())
        {
            foreach (var key in _statuses.Keys.Where(key => key.Source == gone).ToList())
                _statuses.Remove(key);
            if (State.Sources.ContainsKey(gone))
                Self.Tell(new Forget(gone));
        }
    }

    private bool IsGone(SourceName source, DiscoveryOptions wanted) => source.Kind switch
    {
        ServerSource.Registry => !_pollers.ContainsKey(source),
        ServerSource.Docker => !wanted.Docker.Enabled || _node.Time.GetUtcNow() - LastHeardOf(source) > SilentAfter,
        _ => false,
    };

    private DateTimeOffset LastHeardOf(SourceName source) =>
        _statuses.Where(told => told.Key.Source == source).Select(static told => told.Value.Heard).DefaultIfEmpty(_lookingSince).Max();

    private void Poll(IReadOnlyList<RegistryOptions> registries)
    {
        var wanted = registries.Where(static options => options.Url is not null).GroupBy(static options => SourceName.Registry(options.Url!)).ToDictionary(static group => group.Key, static group => group.First());
        foreach (var (source, polled) in _pollers.ToList())
        {
            if (wanted.TryGetValue(source, out var options) && options.IsSame(polled.Options))
                continue;
            Context.Stop(polled.Poller);
            _pollers.Remove(source);
        }

        foreach (var (source, options) in wanted)
        {
            if (_pollers.ContainsKey(source))
                continue;
            var props = RegistryPoller.Props(source, options, _node);
            _pollers[source] = (options, Context.ActorOf(props, $"registry-{++_pollerNumber}"));
        }
    }
}
