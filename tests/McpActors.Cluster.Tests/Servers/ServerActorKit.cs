using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;
using Microsoft.Extensions.Logging.Abstractions;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>A server actor on virtual time, with a fake server behind it and a journal in memory that can fail.</summary>
public abstract class ServerActorKit : TestKit
{
    internal static readonly ServerId Server = new("search");

    private const string Config = """
        akka.loglevel = WARNING
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.persistence.journal.plugin = "akka.persistence.journal.switchable"
        akka.persistence.journal.switchable.class = "McpActors.Cluster.Tests.Servers.SwitchableJournal, McpActors.Cluster.Tests"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """;

    private long _lastCall;

    protected ServerActorKit()
        : base(Config)
    {
        Time = new SchedulerTime(Scheduler);
        Pool = new UpstreamPool(Upstream, Registry, Loans, TimeProvider.System, NullLogger<UpstreamPool>.Instance);
        Health = new JournalHealth(Time);
    }

    internal FakeUpstream Upstream { get; } = new();

    internal ConnectionRegistry Registry { get; } = new();

    internal FakeLoans Loans { get; } = new();

    internal UpstreamPool Pool { get; }

    internal JournalHealth Health { get; }

    internal LocalServers Local { get; } = new();

    internal JournalSwitch Journal => JournalSwitch.Of(Sys);

    internal TimeProvider Time { get; }

    internal ServerModel? Model { get; set; } = new()
    {
        Id = Server,
        Title = "search",
        Transport = ServerTransport.Http,
        Url = new Uri("http://127.0.0.1:1/mcp"),
        Revision = "1",
    };

    protected TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    internal IActorRef Start(string name = "search")
    {
        var node = new ServerNode
        {
            Models = new Models(this),
            Pool = Pool,
            Local = Local,
            Journal = Health,
            Time = Time,
            Random = new Random(1),
            SnapshotEvery = 3,
        };
        return Sys.ActorOf(ServerActor.Props(Server, node), name);
    }

    /// <summary>Stops the actor as a crash does: without a word to anybody.</summary>
    internal void Kill(IActorRef actor)
    {
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
    }

    internal CallIntent Intent(McpMethod method = McpMethod.ToolsCall, string? key = null, SlotKey? slot = null) => new(
        method, "echo", slot ?? SlotKey.Shared, key is null ? null : CacheKey.Compute([], [], System.Text.Encoding.UTF8.GetBytes(key)),
        new CacheTag(CacheKind.ToolCall), Time.GetUtcNow() + TimeSpan.FromSeconds(55));

    internal CallId Admit(IActorRef actor, CallIntent? intent = null)
    {
        var call = new CallId(++_lastCall);
        actor.Tell(new Admit(Server, call, intent ?? Intent()), TestActor);
        return call;
    }

    internal Admitted Run(IActorRef actor, CallIntent? intent = null)
    {
        var call = Admit(actor, intent);
        return ExpectMsg<Admitted>(reply => reply.Call == call);
    }

    internal void Complete(IActorRef actor, CallId call, AttemptResult result = AttemptResult.Success, CacheFill? fill = null) =>
        actor.Tell(new Complete(Server, call, Outcome(result), fill), ActorRefs.NoSender);

    internal void OpenCircuit(IActorRef actor)
    {
        for (var i = 0; i < 5; i++)
        {
            Complete(actor, Run(actor).Call, AttemptResult.Timeout);
        }
    }

    internal ServerStatus Status(IActorRef actor)
    {
        actor.Tell(new GetStatus(Server), TestActor);
        return ExpectMsg<ServerStatus>();
    }

    /// <summary>Waits until all that was recorded is stored: an order is answered after what came before it.</summary>
    internal void AwaitStored(IActorRef actor)
    {
        actor.Tell(new ClearCache(Server, "test"), TestActor);
        ExpectMsg<OperatorDone>();
    }

    /// <summary>Lets time pass after the actor has handled all that came before.</summary>
    internal void Pass(IActorRef actor, TimeSpan time)
    {
        Status(actor);
        Scheduler.Advance(time);
        Status(actor);
    }

    internal static AttemptOutcome Outcome(AttemptResult result, bool sent = true) => new(result, sent, FirstByte: false, TimeSpan.FromMilliseconds(5));

    protected override void AfterAll()
    {
        base.AfterAll();
        Pool.Dispose();
        JournalSwitch.BySystem.TryRemove(Sys, out _);
    }

    private sealed class Models(ServerActorKit kit) : IServerModels
    {
        public ServerModel? Find(ServerId server) => kit.Model;
    }

    /// <summary>The time of the test's scheduler, for everything that is not a timer of an actor.</summary>
    private sealed class SchedulerTime(TestScheduler scheduler) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => scheduler.Now;
    }
}
