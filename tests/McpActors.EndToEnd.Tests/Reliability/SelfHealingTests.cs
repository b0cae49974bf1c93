using System.Net;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>Lost sessions and dead processes are replaced without the client doing anything, and nothing runs twice.</summary>
public sealed class SelfHealingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    public async Task A_forgotten_upstream_session_is_opened_again_once_for_all_callers(int status)
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, LostSessionStatus = status });
        await using var gateway = await GatewayProcess.StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\" }} }}");
        using var caller = new GatewayHttp(gateway);
        (await caller.CallAsync("mock", "counter", new { token = "first" })).Status.ShouldBe(HttpStatusCode.OK);
        var opened = mock.Ledger.SessionsOpened;

        mock.ForgetSessions();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => caller.CallAsync("mock", "counter", new { token = $"t{i}" })));

        answers.Where(answer => answer.Status != HttpStatusCode.OK).Select(answer => answer.Body?.ToJsonString()).ShouldBeEmpty(gateway.Output);
        mock.Ledger.SessionsOpened.ShouldBe(opened + 1);
        mock.Ledger.ExecutedTwice().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_dead_child_is_started_again_for_the_next_call()
    {
        await using var gateway = await StartWithChildAsync();
        using var caller = new GatewayHttp(gateway);
        var first = await caller.CallAsync("child", "whoami");
        var processId = (int)first.Body!["structuredContent"]!["processId"]!;

        ProcessTable.Kill(processId);
        // A call that was handed to it before its death was noticed would be of unknown outcome.
        await gateway.WaitUntilAsync(() => Task.FromResult(gateway.Output.Contains($"Process {processId} of server", StringComparison.Ordinal)), "told that its child is dead", Limit);

        var second = await caller.CallAsync("child", "whoami");
        second.Status.ShouldBe(HttpStatusCode.OK, second.Body?.ToJsonString());
        ((int)second.Body!["structuredContent"]!["processId"]!).ShouldNotBe(processId);
        ProcessTable.ZombiesOf(gateway.ProcessId).ShouldBeEmpty();
        ((int)(await caller.StateAsync("/api/v1/servers/child"))["healed"]!["processesRespawned"]!).ShouldBe(1);
    }

    [Fact]
    public async Task A_call_in_flight_when_the_child_dies_is_said_to_be_unknown_and_is_not_repeated()
    {
        await using var gateway = await StartWithChildAsync();
        using var caller = new GatewayHttp(gateway);

        var (status, problem) = await caller.CallAsync("child", "crash", new { token = "once" });

        status.ShouldBe(HttpStatusCode.BadGateway, problem?.ToJsonString());
        problem!.ToJsonString().ShouldContain("unknown");
        (await caller.CallAsync("child", "echo", new { message = "back" })).Status.ShouldBe(HttpStatusCode.OK);
        Ledger.ReadFile(LedgerOf(gateway)).Count(effect => effect.Token == "once").ShouldBeLessThanOrEqualTo(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_child_outlives_the_node(bool killed)
    {
        await using var gateway = await StartWithChildAsync("--ignore-eof");
        using var caller = new GatewayHttp(gateway);
        var processId = (int)(await caller.CallAsync("child", "whoami")).Body!["structuredContent"]!["processId"]!;

        if (killed)
            await gateway.KillAsync();
        else
            (await gateway.StopAsync()).ShouldBe(0);

        await WaitForEndAsync(processId);
    }

    [Fact]
    public async Task A_lost_answer_of_a_write_is_never_repeated()
    {
        await using var mock = await MockMcpServer.StartAsync();
        mock.Behaviour.Add(Fault.Of(FaultKind.CutJson).OnTool("counter").AfterExecuting().For(1));
        await using var gateway = await GatewayProcess.StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\" }} }}");
        using var caller = new GatewayHttp(gateway);

        var (status, problem) = await caller.CallAsync("mock", "counter", new { token = "once" });

        status.ShouldBe(HttpStatusCode.BadGateway);
        problem!.ToJsonString().ShouldContain("unknown");
        mock.Ledger.Executions("counter", "once").ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task A_read_only_tool_is_tried_again_when_the_operator_says_so()
    {
        await using var mock = await MockMcpServer.StartAsync();
        mock.Behaviour.Add(Fault.WithStatus(503).OnTool("echo").For(2));
        await using var gateway = await GatewayProcess.StartAsync(
            $"servers: {{ mock: {{ url: \"{mock.Url}\", retry: {{ attempts: 3, baseDelay: 10ms }}, tools: {{ echo: {{ effect: readOnly }} }} }} }}");
        using var caller = new GatewayHttp(gateway);

        (await caller.CallAsync("mock", "echo", new { message = "third time lucky" })).Status.ShouldBe(HttpStatusCode.OK);
        mock.Ledger.CountOf("tools/call").ShouldBe(3);
    }

    private static Task<GatewayProcess> StartWithChildAsync(params string[] more)
    {
        var ledger = Path.Combine(Path.GetTempPath(), $"mcpactors-ledger-{Guid.NewGuid():N}.jsonl");
        var arguments = string.Join(", ", MockServerProgram.Stdio("dual", ledger, more).Select(argument => $"\"{argument}\""));
        return GatewayProcess.StartAsync($"servers: {{ child: {{ command: \"{MockServerProgram.Path}\", args: [{arguments}], labels: {{ ledger: \"{ledger}\" }} }} }}");
    }

    private static string LedgerOf(GatewayProcess gateway) =>
        File.ReadAllText(gateway.ConfigurationFile).Split("ledger: \"")[1].Split('"')[0];

    private static async Task WaitForEndAsync(int processId)
    {
        using var timeout = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (ProcessTable.IsRunning(processId))
            await timer.WaitForNextTickAsync(timeout.Token);
        ProcessTable.IsRunning(processId).ShouldBeFalse();
    }
}
