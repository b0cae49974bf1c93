using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Tests.Lifecycle;

/// <summary>
/// A real cluster of three in which each member loses another when the test says so, instead of by missed heartbeats: what the others hear of it goes by gossip, which
/// all of them still get. Nobody is given up.
/// </summary>
public sealed class ThreeMembers : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly Config Settings = ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = ERROR
          stdout-loglevel = OFF
          actor.provider = cluster
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
          cluster {
            failure-detector.implementation-class = "{{typeof(ToldDetector).FullName}}, {{typeof(ToldDetector).Assembly.GetName().Name}}"
            failure-detector.heartbeat-interval = 100ms
            unreachable-nodes-reaper-interval = 50ms
            gossip-interval = 50ms
            leader-actions-interval = 50ms
            periodic-tasks-initial-delay = 50ms
            downing-provider-class = ""
          }
        }
        """);

    private readonly ActorSystem[] _systems = [.. Enumerable.Range(0, 3).Select(_ => ActorSystem.Create("three", Settings))];

    /// <summary>What each of them sees of the cluster.</summary>
    public IReadOnlyList<ClusterExtension> Members => [.. _systems.Select(ClusterExtension.Get)];

    public async Task InitializeAsync()
    {
        foreach (var member in Members)
            member.Join(Members[0].SelfAddress);
        await UntilAsync(() => Members.All(member =>
            member.State.Members.Count(other => other.Status == MemberStatus.Up) == 3
            && Members.Where(other => other != member).All(other => member.FailureDetector.IsMonitoring(other.SelfAddress))));
    }

    public Task DisposeAsync() => Task.WhenAll(_systems.Select(system => system.Terminate()));

    /// <summary>One of them cannot reach another any more, or can again; until <see cref="SeesAsync"/> that may not be known everywhere.</summary>
    public void Reach(int member, int other, bool isReached)
    {
        var registry = (DefaultFailureDetectorRegistry<Address>)Members[member].FailureDetector;
        ((ToldDetector)Registry<Address>.DetectorOf(registry, Members[other].SelfAddress)).IsLost = !isReached;
    }

    /// <summary>Waits until one of them knows so many members as lost by somebody.</summary>
    public Task SeesAsync(int member, int lost) => UntilAsync(() => Members[member].State.Unreachable.Count == lost);

    /// <summary>All reach each other.</summary>
    public async Task HealAsync()
    {
        foreach (var (member, other) in from member in Enumerable.Range(0, 3) from other in Enumerable.Range(0, 3) where member != other select (member, other))
            Reach(member, other, isReached: true);
        for (var member = 0; member < 3; member++)
            await SeesAsync(member, lost: 0);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
            await timer.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>Says what it was told to say; Akka makes one for each member that another watches.</summary>
    public sealed class ToldDetector : FailureDetector
    {
        private volatile bool _isMonitoring;
        private volatile bool _isLost;

        public ToldDetector(Config config, EventStream events)
        {
            _ = (config, events);
        }

        public bool IsLost
        {
            set => _isLost = value;
        }

        public override bool IsAvailable => !_isLost;

        public override bool IsMonitoring => _isMonitoring;

        public override void HeartBeat() => _isMonitoring = true;
    }

    /// <summary>What Akka's own tests reach it by.</summary>
    private static class Registry<T>
    {
        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "GetFailureDetector")]
        public static extern FailureDetector DetectorOf(DefaultFailureDetectorRegistry<T> registry, T resource);
    }
}
