using Akka.Actor;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Servers.Leases;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Retry;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers.Leases;

/// <summary>A node's leases on virtual time, with an owner that the test plays.</summary>
public sealed class NodeLeasesTests : TestKit
{
    private const int Life = 7;
    private static readonly ServerId Server = new("search");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 27, 6, 0, 0, TimeSpan.Zero));
    private readonly FakeUpstream _upstream = new() { Revision = ProtocolRevision.V20260728 };
    private readonly ConnectionRegistry _registry = new();
    private readonly NodeLeases _leases;
    private readonly LeaseGrantor _owner;
    private readonly CircuitMachine _circuit = new(CircuitOptions.Default);
    private readonly ServerModel _model = new()
    {
        Id = Server,
        Title = "search",
        Transport = ServerTransport.Http,
        Url = new Uri("http://127.0.0.1:1/mcp"),
        Revision = "1",
        Concurrency = BulkheadOptions.Default with { Max = 4 },
        Retry = RetryOptions.Default with { BaseDelay = TimeSpan.FromMilliseconds(200), Jitter = RetryJitter.None },
    };

    private long _lastCall;

    public NodeLeasesTests()
    {
        var pool = new UpstreamPool(_upstream, _registry, new FakeLoans(), TimeProvider.System, NullLogger<UpstreamPool>.Instance);
        _leases = new NodeLeases(new LeaseServices(new Models(_model), pool, NoServerMetrics.Instance, _time));
        _leases.Start(TestActor, ActorRefs.Nobody, "here", Life);
        var settings = ServerSettings.Of(_model);
        _owner = new LeaseGrantor(
            new LeaseOwnerSetup(Time, 1, 4, LeaseOptions.Default, CircuitOptions.Default, Facts(settings)), _circuit, new RetryBudget(0.2), Time);
        _owner.ConcludeTakeover(Time);
    }

    private DateTimeOffset Time => _time.GetUtcNow();

    private ServerLease Lease => Called()!;

    [Fact]
    public async Task Second_call_asks_the_owner_and_for_a_lease_and_the_next_one_runs_on_a_connection_of_this_node()
    {
        (await AskAsync()).ShouldBeNull();
        _time.Advance(TimeSpan.Zero);
        var report = ExpectReport();
        report.Holder.ShouldBe(new HolderId("here", ((long)Life << 32) | 1));
        Answer(report);

        var admitted = (await AskAsync()).ShouldBeOfType<Admitted>();

        admitted.Connection.Node.ShouldBe(Life);
        _registry.Find(admitted.Connection).ShouldNotBeNull();
        Lease.Complete(End(admitted.Call)).ShouldBeTrue();
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public async Task Outcomes_are_told_after_100_ms_and_failures_at_once()
    {
        await LeasedAsync();
        Lease.Complete(End((await AdmittedAsync()).Call));
        _time.Advance(TimeSpan.FromMilliseconds(99));
        ExpectNoMsg(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var report = ExpectReport();
        report.Batches.ShouldHaveSingleItem().Runs.ShouldHaveSingleItem().Verdict.ShouldBe(CircuitVerdict.Success);
        Answer(report);

        Lease.Complete(End((await AdmittedAsync()).Call, AttemptResult.Timeout));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        ExpectReport().Batches.ShouldHaveSingleItem().Runs.ShouldHaveSingleItem().Verdict.ShouldBe(CircuitVerdict.Failure);
    }

    [Fact]
    public async Task Caller_without_a_permit_waits_for_one_and_one_that_leaves_takes_none()
    {
        var permits = await LeasedAsync();
        var running = new List<Admitted>();
        for (var i = 0; i < permits; i++)
            running.Add(await AdmittedAsync());
        using var leaves = new CancellationTokenSource();
        var gone = AskAsync(leaves.Token);
        var waiting = AskAsync();
        waiting.IsCompleted.ShouldBeFalse();

        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(gone);
        Lease.Complete(End(running[0].Call));

        (await waiting).ShouldBeOfType<Admitted>();
    }

    [Fact]
    public async Task Retry_comes_after_its_back_off_and_a_caller_that_leaves_meanwhile_gives_its_permit_back()
    {
        await LeasedAsync();
        var call = (await AdmittedAsync()).Call;
        var failed = new AttemptFailed(Server, call, Outcome(AttemptResult.ConnectFailed, sent: false), default);
        var next = Lease.AttemptFailedAsync(failed, default).AsTask();
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(200));
        (await next).ShouldBeOfType<Admitted>().Attempt.ShouldBe(2);

        using var leaves = new CancellationTokenSource();
        next = Lease.AttemptFailedAsync(failed, leaves.Token).AsTask();
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(next);
        Lease.Abandon(call).ShouldBeFalse("it is over");
    }

    [Fact]
    public async Task Circuit_that_the_owner_opens_refuses_the_very_next_call()
    {
        await LeasedAsync();
        _circuit.SetMode(CircuitMode.ForcedOpen, "maintenance", Time.AddMinutes(1), Time);
        _owner.Sync(Time);
        Deliver();

        (await AskAsync()).ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.CircuitOpen);
    }

    [Fact]
    public async Task New_owner_is_told_what_this_node_holds_or_that_it_holds_nothing()
    {
        var agent = Sys.ActorOf(LeaseAgent.Props(_leases));
        agent.Tell(new LeaseProtocol.WhoHolds(Server, 5), TestActor);
        ExpectMsg<LeaseProtocol.HoldsNone>().ShouldBe(new LeaseProtocol.HoldsNone(Server, Life));

        var permits = await LeasedAsync();
        agent.Tell(new LeaseProtocol.WhoHolds(Server, 5), TestActor);
        var claim = ExpectReport();
        claim.Permits.ShouldBe(permits);
        claim.AskedBy.ShouldBe(5);

        // What the owner before said in the meantime comes too late.
        _owner.Tick(Time);
        _circuit.SetMode(CircuitMode.ForcedOpen, "late", Time.AddMinutes(1), Time);
        _owner.Sync(Time);
        Deliver();
        (await AskAsync()).ShouldBeOfType<Admitted>();
    }

    [Fact]
    public async Task Server_that_turns_out_to_keep_state_is_not_asked_for_a_lease_again_soon()
    {
        await AskAsync();
        _time.Advance(TimeSpan.Zero);
        _owner.Reconfigure(Terms(new LeaseFacts(ServerSettings.Of(_model).ConnectionFingerprint, "2025-11-25", "{}", "1"), leasable: false), new RetryBudget(0.2), Time);
        Answer(ExpectReport());
        _time.Advance(TimeSpan.FromMilliseconds(10));

        ExpectReport().Releases.ShouldBeTrue();
        _leases.Any.ShouldBeFalse();
        _leases.For(Server).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(31));
        _leases.For(Server);
        _leases.For(Server).ShouldNotBeNull();
    }

    [Fact]
    public void Server_that_is_called_now_and_then_gets_no_lease()
    {
        for (var call = 0; call < 10; call++)
        {
            _leases.For(Server).ShouldBeNull();
            _time.Advance(LeaseOptions.Default.IdleRelease * 2);
        }

        _leases.For(Server).ShouldBeNull();
        _time.Advance(LeaseOptions.Default.IdleRelease / 2);
        _leases.For(Server).ShouldNotBeNull();
    }

    [Fact]
    public async Task Unused_lease_is_given_back_and_its_connection_closed()
    {
        await LeasedAsync();
        var connection = (await AdmittedAsync()).Connection;
        Lease.Complete(End(new CallId(_lastCall)));
        var last = Answer(null);
        for (var waited = 0; !last.Releases && waited < 200; waited++)
            last = Answer(null);

        last.Releases.ShouldBeTrue();
        (Time - new DateTimeOffset(2026, 11, 27, 6, 0, 0, TimeSpan.Zero)).ShouldBeInRange(LeaseOptions.Default.IdleRelease, LeaseOptions.Default.IdleRelease + TimeSpan.FromSeconds(2));
        _leases.Any.ShouldBeFalse();
        _registry.Find(connection).ShouldBeNull();
        _owner.Holders.ShouldBe(0);
        (await AskAsync()).ShouldBeNull();
        _time.Advance(TimeSpan.Zero);
        ExpectReport().Holder.Incarnation.ShouldBe(((long)Life << 32) | 2, "another lease, which nothing late can be mistaken for");
    }

    [Fact]
    public async Task Node_that_leaves_gives_back_what_it_has()
    {
        await LeasedAsync();

        _leases.Close();

        ExpectReport().Releases.ShouldBeTrue();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        (await AskAsync()).ShouldBeNull();
    }

    private static LeaseFacts Facts(ServerSettings settings) => new(settings.ConnectionFingerprint, "2026-07-28", """{"name":"search"}""", "1");

    private static LeaseTerms Terms(LeaseFacts facts, bool leasable) => new(4, leasable, CircuitOptions.Default, facts);

    private static AttemptOutcome Outcome(AttemptResult result, bool sent = true) => new(result, sent, FirstByte: false, TimeSpan.FromMilliseconds(5));

    private static Complete End(CallId call, AttemptResult result = AttemptResult.Success) => new(Server, call, Outcome(result));

    private async Task<IServerReply?> AskAsync(CancellationToken ct = default)
    {
        var intent = new CallIntent(McpMethod.Ping, null, SlotKey.Shared, null, new CacheTag(CacheKind.ToolCall), Time.AddSeconds(55));
        return Called() is { } lease ? await lease.AdmitAsync(new Admit(Server, new CallId(++_lastCall), intent), ct) : null;
    }

    // The second call brings one.
    private ServerLease? Called() => _leases.For(Server) ?? _leases.For(Server);

    private async Task<Admitted> AdmittedAsync() => (await AskAsync()).ShouldBeOfType<Admitted>();

    /// <summary>Brings the node a lease; returns its permits.</summary>
    private async Task<int> LeasedAsync()
    {
        await AskAsync();
        _time.Advance(TimeSpan.Zero);
        Answer(ExpectReport());
        // What was taken is confirmed.
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Answer(ExpectReport(), out var permits);
        return permits;
    }

    private LeaseReport ExpectReport() => ExpectMsg<LeaseProtocol.Report>().Said;

    private LeaseReport Answer(LeaseReport? report)
    {
        if (report is null)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            report = ExpectReport();
        }

        Answer(report, out _);
        return report;
    }

    private void Answer(LeaseReport report, out int permits)
    {
        _owner.Receive(report, Time).Kind.ShouldBe(LeaseReceiptKind.Taken);
        permits = _owner.Outbox.LastOrDefault()?.Permits ?? 0;
        Deliver();
    }

    private void Deliver()
    {
        foreach (var grant in _owner.Outbox)
            _leases.Find(Server)?.Apply(grant);
        _owner.Outbox.Clear();
    }

    private sealed class Models(ServerModel model) : IServerModels
    {
        public ServerModel? Find(ServerId server) => model;
    }
}
