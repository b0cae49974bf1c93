using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Health;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Cluster.Tests.Servers;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Health;
using McpActors.Core.Routing;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Health.HealthProtocol;

namespace McpActors.Cluster.Tests.Health;

/// <summary>A monitor of health on virtual time, with server actors, webhooks and members that a test plays, and a journal in memory that can fail.</summary>
public abstract class HealthMonitorKit : TestKit
{
    internal const string Node = "akka.tcp://mcpactors@10.0.0.1:4053";

    internal static readonly ServerId Search = new("search");

    private const string Config = """
        akka.loglevel = WARNING
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.persistence.journal.plugin = "akka.persistence.journal.switchable"
        akka.persistence.journal.switchable.class = "McpActors.Cluster.Tests.Servers.SwitchableJournal, McpActors.Cluster.Tests"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """;

    private int _started;

    protected HealthMonitorKit()
        : base(Config)
    {
        Time = new SchedulerTime((TestScheduler)Sys.Scheduler);
        Servers = CreateTestProbe();
        Agent = CreateTestProbe();
    }

    internal TimeProvider Time { get; }

    internal TestProbe Servers { get; }

    internal TestProbe Agent { get; }

    internal FakeCatalogue Catalogue { get; } = new();

    internal bool IsInStep { get; set; } = true;

    internal FakeWebhooks Webhooks { get; } = new();

    internal HashSet<string> Members { get; } = [Node];

    internal HashSet<string> Unreachable { get; } = [];

    internal IReadOnlyList<AlertRule> AlertRules
    {
        set => Catalogue.File = CatalogueFile.Empty with { Configuration = GatewayConfiguration.Default with { Health = new HealthOptions { Alerts = value } } };
    }

    internal JournalSwitch Journal => JournalSwitch.Of(Sys);

    internal ProbeLimits Limits { get; set; } = ProbeLimits.Default;

    internal static AlertRule Pager => new()
    {
        Name = "pager",
        Webhook = new Uri("https://pager.example/secret"),
        Events = [AlarmEvent.ServerUnhealthy],
        For = TimeSpan.FromMinutes(1),
    };

    internal IActorRef Start() => Sys.ActorOf(
        HealthMonitor.Props(new HealthMonitorSetup
        {
            Journal = new JournalHealth(Time),
            Time = Time,
            Catalogue = Catalogue,
            IsInStep = () => IsInStep,
            Webhooks = Webhooks,
            Servers = () => Servers,
            Members = () => new MembersSeen(Members, Unreachable),
            Limits = Limits,
            Random = new Random(1),
        }),
        $"monitor-{++_started}");

    internal void Kill(IActorRef actor)
    {
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
    }

    /// <summary>A node's report; returns when the monitor has taken it.</summary>
    internal InStep Report(IActorRef monitor, IReadOnlyList<ServerFacts>? facts = null, IReadOnlyList<Alarm>? alarms = null, IReadOnlyList<Alarm>? signals = null)
    {
        monitor.Tell(new NodeReport(Node, 0, 0, alarms ?? [], signals ?? [], facts ?? []), Agent);
        return (InStep)Agent.FishForMessage(message => message is InStep, TimeSpan.FromSeconds(20));
    }

    /// <summary>Lets time pass in steps, each after the monitor has handled what came before.</summary>
    internal void Pass(IActorRef monitor, TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(500))
        {
            Alerts(monitor);
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromMilliseconds(500));
        }

        Alerts(monitor);
    }

    internal IReadOnlyList<AlertLine> Alerts(IActorRef monitor, AlertState? state = null)
    {
        monitor.Tell(new GetAlerts(state, "", MostInMessage), TestActor);
        return ExpectMsg<AlertPage>(TimeSpan.FromSeconds(10)).Alerts;
    }

    internal static ServerFacts Facts(CircuitPhase circuit = CircuitPhase.Closed, ServerLife life = ServerLife.Ready) =>
        new(Search, circuit, false, life, default, 0, false, circuit == CircuitPhase.Open ? "5 failures in a row" : null);

    internal static ServerModel Model(string id = "search", ServerTransport transport = ServerTransport.Http) => new()
    {
        Id = new ServerId(id),
        Title = id,
        Transport = transport,
        Url = transport == ServerTransport.Http ? new Uri("http://127.0.0.1:1/mcp") : null,
        Command = transport == ServerTransport.Stdio ? "true" : null,
        Labels = new Dictionary<string, string> { ["team"] = "search" },
        Revision = "1",
    };

    protected override void AfterAll()
    {
        base.AfterAll();
        JournalSwitch.BySystem.TryRemove(Sys, out _);
    }

    /// <summary>A webhook that answers as a test says and keeps what it was told.</summary>
    internal sealed class FakeWebhooks : IWebhooks
    {
        public Func<Task<DeliveryResult>> OnPost { get; set; } = () => Task.FromResult(DeliveryResult.Delivered);

        public ConcurrentQueue<(Uri Webhook, JsonNode Body)> Posts { get; } = new();

        public IReadOnlyList<string> Ids => [.. Posts.SelectMany(post => post.Body["alerts"]!.AsArray()).Select(alert => (string)alert!["id"]!)];

        public async Task<WebhookAnswer> PostAsync(Uri webhook, ReadOnlyMemory<byte> body, CancellationToken ct)
        {
            Posts.Enqueue((webhook, JsonNode.Parse(body.Span)!));
            return new WebhookAnswer(await OnPost(), "as the test says");
        }
    }

    /// <summary>A catalogue that a test fills.</summary>
    internal sealed class FakeCatalogue : ICatalogue
    {
        public RouteTable Current { get; private set; } = RouteTable.Empty;

        public IReadOnlyList<OverlayEntry> Overlay => [];

        public CatalogueAgreement? Agreement => null;

        public CatalogueFile File { get; set; } = CatalogueFile.Empty;

        public CatalogueFile Own => File;

        public event Action<CatalogueChanged>? Changed;

        public CatalogueChanged Set(params ServerModel[] models)
        {
            var old = Current;
            Current = new RouteTable(models.Select(model => new ServerRoute(model, SourceName.File)), 1, "");
            var changed = new CatalogueChanged(old, Current, CatalogueDiff.Between(old, Current));
            Changed?.Invoke(changed);
            return changed;
        }

        public Task<ApplyResult> ApplyAsync(CatalogueFile file, bool ordered, CancellationToken ct) => throw new NotSupportedException();

        public Task<OverlayResult> PutServerAsync(ServerId server, ReadOnlyMemory<byte> definition, string who, CancellationToken ct) => throw new NotSupportedException();

        public Task<OverlayResult> RemoveServerAsync(ServerId server, string who, CancellationToken ct) => throw new NotSupportedException();

        public Task<OverlayResult> RestoreServerAsync(ServerId server, string who, CancellationToken ct) => throw new NotSupportedException();
    }
}
