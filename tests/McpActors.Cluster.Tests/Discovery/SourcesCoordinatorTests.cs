using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Discovery.Sources;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Sources;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Tests.Discovery;

/// <summary>The coordinator of the sources alone, on virtual time.</summary>
public sealed class SourcesCoordinatorTests : TestKit
{
    private const string Config = """
        akka.loglevel = WARNING
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """;

    private static readonly SourceName Registry = SourceName.Registry(new Uri("https://registry.example"));

    private bool _isInStep;

    public SourcesCoordinatorTests()
        : base(Config)
    {
    }

    [Fact]
    public void A_source_that_the_nodes_own_file_lacks_is_forgotten_only_once_the_clusters_revision_is_in_force()
    {
        var first = Start();
        first.Tell(new Report(Registry, [], []));
        ExpectMsg<Stored>();
        Watch(first);
        first.Tell(StopAuthority.Instance);
        ExpectTerminated(first);

        var second = Start();
        Known(second).ShouldBe([Registry]);
        Pass(TimeSpan.FromSeconds(5));
        Known(second).ShouldBe([Registry], "the file of this node is not the cluster's");

        _isInStep = true;
        AwaitAssert(() =>
        {
            Pass(TimeSpan.FromSeconds(2));
            Known(second).ShouldBeEmpty();
        });
    }

    private void Pass(TimeSpan time) => ((TestScheduler)Sys.Scheduler).Advance(time);

    private IEnumerable<SourceName> Known(IActorRef coordinator)
    {
        coordinator.Tell(new Sync(-1));
        return ((SourcesPage)FishForMessage(message => message is SourcesPage)).Items.Select(item => item.Source);
    }

    private IActorRef Start()
    {
        var time = new SchedulerTime((TestScheduler)Sys.Scheduler);
        return Sys.ActorOf(SourcesCoordinator.Props(new JournalHealth(time), RecorderSettings.Default, new SourcesNode
        {
            Time = time,
            Address = "127.0.0.1:1",
            Name = "node",
            Host = "127.0.0.1",
            Discovery = () => new DiscoveryOptions(),
            IsInStep = () => _isInStep,
            Registries = _ => throw new NotSupportedException(),
            Engine = () => throw new NotSupportedException(),
            Board = new SourceBoard(),
        }));
    }
}
