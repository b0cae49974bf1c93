using System.Buffers;
using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Pipeline;
using McpActors.Transports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Gateway.Tests.Pipeline;

/// <summary>The pipeline between a scripted actor and a scripted connection: whatever happens, the actor hears the end of each call once.</summary>
public sealed class CallPipelineTests : IAsyncDisposable
{
    private const string Request = """{"jsonrpc":"2.0","id":"c1","method":"tools/call","params":{"name":"pay","arguments":{"a":1},"_meta":{"progressToken":"p"}}}""";
    private const string Answer = """{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}""";

    private static readonly ServerModel Server = new()
    {
        Id = new ServerId("bank"),
        Title = "bank",
        Transport = ServerTransport.Http,
        Url = new Uri("http://127.0.0.1:1"),
        Revision = "1",
    };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly ScriptedActor _actor = new();
    private readonly ScriptedConnection _connection = new(1, ProtocolRevision.V20251125);
    private readonly ConnectionRegistry _connections = new();
    private readonly ServerRequests _requests = new();
    private readonly CallPipeline _pipeline;

    public CallPipelineTests()
    {
        _connections.Add(_connection);
        var carrier = new Carrier(_connections, new ServerAsks(_requests), _time);
        var services = new CallServices(_actor, carrier, NoCallObserver.Instance, _time);
        _pipeline = new CallPipeline(services, new Refresher(new NoDrain(), _time), new NoDrain(), NullLogger<CallPipeline>.Instance);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public async Task A_call_is_admitted_carried_completed_and_answered_with_its_own_id_and_token()
    {
        _actor.Answers(Admitted);
        _connection.Yields("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":ID,"progress":1}}""", Answer);
        var writer = await RunAsync();
        _connection.Sent.Single().ShouldBe("""{"jsonrpc":"2.0","id":41,"method":"tools/call","params":{"name":"pay","arguments":{"a":1},"_meta":{"progressToken":41}}}""");
        writer.Messages.Single().ShouldBe("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}""");
        writer.Response.ShouldBe("""{"jsonrpc":"2.0","id":"c1","result":{"content":[]}}""");
        Ends().ShouldBe(["Complete Success"]);
    }

    [Fact]
    public async Task A_failed_attempt_is_repeated_when_the_actor_says_so()
    {
        _actor.Answers(Admitted).Answers(call => Admitted(call) with { Attempt = 2 });
        _connection.Fails(new UpstreamException(AttemptResult.ConnectFailed, "refused")).Yields(Answer);
        (await RunAsync()).Response.ShouldNotBeNull();
        _connection.Sent.Count.ShouldBe(2);
        Ends().ShouldBe(["Failed ConnectFailed", "Complete Success"]);
    }

    [Fact]
    public async Task A_call_that_was_given_up_is_told_by_its_last_attempt_and_not_completed()
    {
        _actor.Answers(Admitted).Answers(static call => new ServerProtocol.GaveUp(call, GiveUpReason.NotRepeatable, null, null, "a write"));
        _connection.Fails(new UpstreamException(AttemptResult.Reset, "the connection broke") { Sent = true });
        var writer = await RunAsync();
        writer.Error!.Code.ShouldBe(1502);
        writer.Error.Outcome.ShouldBe("unknown");
        writer.Error.Message.ShouldContain("may have run");
        Ends().ShouldBe(["Failed Reset"]);
    }

    [Fact]
    public async Task The_servers_internal_error_survives_being_given_up()
    {
        _actor.Answers(Admitted).Answers(static call => new ServerProtocol.GaveUp(call, GiveUpReason.NotRepeatable, null, null, "a write"));
        _connection.Yields("""{"jsonrpc":"2.0","id":ID,"error":{"code":-32603,"message":"boom","data":{"x":1}}}""");
        var writer = await RunAsync();
        writer.Response.ShouldBe("""{"jsonrpc":"2.0","id":"c1","error":{"code":-32603,"message":"boom","data":{"x":1}}}""");
    }

    [Fact]
    public async Task A_connection_that_was_replaced_meanwhile_costs_nothing()
    {
        _actor.Answers(static call => new ServerProtocol.Admitted(call, new ConnectionId(99), 1, TimeSpan.FromSeconds(5), null)).Answers(Admitted);
        _connection.Yields(Answer);
        (await RunAsync()).Response.ShouldNotBeNull();
        Ends().ShouldBe(["Failed SessionLost", "Complete Success"]);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_a_timeout_and_its_exchange_is_closed()
    {
        _actor.Answers(Admitted).Answers(static call => new ServerProtocol.GaveUp(call, GiveUpReason.Deadline, null, null, "late"));
        _connection.Yields();
        var running = RunAsync();
        _time.Advance(TimeSpan.FromSeconds(6));
        var writer = await running;
        writer.Error!.Code.ShouldBe(1504);
        writer.Error.Phase.ShouldBe("upstream");
        Ends().ShouldBe(["Failed Timeout"]);
    }

    [Fact]
    public async Task An_attempt_ends_with_its_call_also_when_an_owner_with_a_wrong_clock_gave_it_more_time()
    {
        _actor.Answers(static call => Admitted(call) with { AttemptTimeout = TimeSpan.FromHours(1) })
            .Answers(static call => new ServerProtocol.GaveUp(call, GiveUpReason.Deadline, null, null, "late"));
        _connection.Yields();
        var running = RunAsync();
        _time.Advance(TimeSpan.FromMinutes(2));
        (await running).Error!.Code.ShouldBe(1504);
        Ends().ShouldBe(["Failed Timeout"]);
    }

    [Fact]
    public async Task A_caller_that_leaves_while_it_waits_for_admission_abandons_its_call()
    {
        _actor.NeverAnswers();
        using var caller = new CancellationTokenSource();
        var running = RunAsync(caller: caller.Token);
        await caller.CancelAsync();
        var writer = await running;
        (writer.Response, writer.Error).ShouldBe((null, null));
        Ends().ShouldBe(["Abandon"]);
    }

    [Fact]
    public async Task A_caller_that_leaves_in_the_middle_abandons_its_call()
    {
        _actor.Answers(Admitted);
        _connection.Yields();
        using var caller = new CancellationTokenSource();
        var running = RunAsync(caller: caller.Token);
        await caller.CancelAsync();
        await running;
        Ends().ShouldBe(["Abandon"]);
    }

    [Fact]
    public async Task A_client_that_broke_off_while_it_was_answered_changes_nothing_for_the_actor()
    {
        _actor.Answers(Admitted);
        _connection.Yields(Answer);
        await RunAsync(new RecordingWriter { Breaks = new IOException("gone") });
        Ends().ShouldBe(["Complete Success"]);
    }

    [Fact]
    public async Task After_the_first_message_there_is_no_other_attempt()
    {
        _actor.Answers(Admitted);
        _connection.Yields("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":ID,"progress":1}}""");
        var running = RunAsync();
        _time.Advance(TimeSpan.FromSeconds(6));
        var writer = await running;
        writer.Messages.Count.ShouldBe(1);
        writer.Error!.Code.ShouldBe(1504);
        Ends().ShouldBe(["Complete Timeout"]);
    }

    [Fact]
    public async Task A_fault_of_ours_shows_an_id_and_nothing_else()
    {
        _actor.Answers(static call => new ServerProtocol.ProfileRequired(call));
        var writer = await RunAsync();
        writer.Error!.Code.ShouldBe(1500);
        writer.Error.TraceId!.Length.ShouldBe(32);
        writer.Error.Message.ShouldNotContain("Profile");
        writer.Error.Outcome.ShouldBe("notSent");
    }

    [Fact]
    public async Task A_refusal_is_told_and_the_call_is_over()
    {
        var since = _time.GetUtcNow();
        _actor.Answers(call => new ServerProtocol.Rejected(call, RejectReason.CircuitOpen, since, TimeSpan.FromSeconds(3), "5 failures in a row"));
        var error = (await RunAsync()).Error!;
        (error.Code, error.Since, error.RetryAfter, error.Reason).ShouldBe((1503, since, TimeSpan.FromSeconds(3), "5 failures in a row"));
        Ends().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cached_result_is_answered_in_the_callers_words()
    {
        _actor.Answers(static call => new ServerProtocol.CacheHit(
            call, """{"resultType":"complete","tools":[],"ttlMs":9000,"cacheScope":"public"}"""u8.ToArray(), TimeSpan.FromSeconds(4), CacheScope.Public, false, false, ProtocolRevision.V20260728));
        var writer = await RunAsync(request: """{"jsonrpc":"2.0","id":7,"method":"tools/list"}""");
        writer.Response.ShouldBe("""{"jsonrpc":"2.0","id":7,"result":{"tools":[]}}""");
        Ends().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_servers_question_reaches_only_the_session_behind_its_own_upstream_session()
    {
        _actor.Answers(Admitted);
        const string asked = """{"jsonrpc":"2.0","id":"e1","method":"elicitation/create","params":{"message":"?"}}""";
        _connection.Yields(asked, Answer);
        (await RunAsync()).Messages.ShouldBeEmpty("the slot is shared, so nobody knows whom the server asks");
        _connection.Posted.Single().ShouldContain("-32601");

        _actor.Answers(Admitted);
        _connection.Yields(asked, Answer);
        var writer = await RunAsync(session: Session("s1"));
        writer.Messages.Single().ShouldStartWith("""{"jsonrpc":"2.0","id":""");
        writer.Messages.Single().ShouldNotContain("e1");
        _requests.Count.ShouldBe(0, "the question is void when its call is over");
    }

    private async Task<RecordingWriter> RunAsync(
        RecordingWriter? writer = null, string request = Request, SessionInfo? session = null, CancellationToken caller = default)
    {
        writer ??= new RecordingWriter();
        var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(request));
        var envelope = JsonRpcScanner.Scan(body, JsonLimits.Request).Envelope;
        var server = session is null ? Server with { Isolation = Isolation.Shared } : Server;
        var message = new McpMessage(envelope, body, new Caller(ProtocolRevision.V20251125, session));
        await _pipeline.RunAsync(new CallFactory(_time).Create(server, message, envelope.TargetText(body)), writer, caller);
        return writer;
    }

    private static SessionInfo Session(string id) => new()
    {
        Id = id,
        Route = "bank",
        Profile = new ClientProfile(ProtocolRevision.V20251125, "{}"u8.ToArray(), "{}"u8.ToArray()),
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static ServerProtocol.Admitted Admitted(CallId call) => new(call, new ConnectionId(1), 1, TimeSpan.FromSeconds(5), null);

    /// <summary>What the actor was told after the admission, in short.</summary>
    private List<string> Ends() => [.. _actor.Told.Select(static told => told switch
    {
        ServerProtocol.Complete complete => $"Complete {complete.Outcome.Result}",
        ServerProtocol.AttemptFailed failed => $"Failed {failed.Outcome.Result}",
        ServerProtocol.Abandon => "Abandon",
        _ => "",
    }).Where(static text => text.Length > 0)];

    private sealed class NoDrain : Cluster.Lifecycle.IDrain
    {
        public bool Draining => false;

        public bool IsCutOff => false;

        public int InFlight => 0;

        public CancellationToken Started => default;

        public CancellationToken Expired => default;

        public IDisposable? TryEnter() => null;

        public void Announce()
        {
        }

        public void Begin()
        {
        }

        public Task<bool> WaitIdleAsync(TimeSpan limit) => Task.FromResult(true);

        public void OnHandedOver(Func<CancellationToken, Task> wait)
        {
        }

        public void OnDrained(Func<CancellationToken, Task> close)
        {
        }
    }
}
