using System.Text.Json.Nodes;
using McpActors.Core.Configuration;
using McpActors.Core.Servers.Calls;
using McpActors.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpActors.Transports.Tests.Stdio;

public sealed class ChildLifeTests : IDisposable
{
    private readonly RecordedEvents _events = new();
    private readonly UpstreamConnector _connector = new(
        new TransportSettings { StopGrace = TimeSpan.FromMilliseconds(300), ProbeTimeout = TimeSpan.FromSeconds(1) },
        TimeProvider.System,
        NullLoggerFactory.Instance);

    public void Dispose() => _connector.Dispose();

    [Fact]
    public async Task A_child_gets_a_clean_environment_and_what_was_configured()
    {
        Environment.SetEnvironmentVariable("MCPACTORS_TEST_SECRET", "leak");
        var mock = Models.Mock();
        var model = mock with { Environment = new Dictionary<string, string>(mock.Environment) { ["CONFIGURED"] = "a value; with $signs" } };
        await using var connection = await ConnectAsync(model);

        var response = await connection.CallAsync("env");

        var variables = response["result"]!["structuredContent"]!.AsObject();
        ((string?)variables["CONFIGURED"]).ShouldBe("a value; with $signs");
        ((string?)variables["PATH"]).ShouldBe(Environment.GetEnvironmentVariable("PATH"));
        var expected = McpActors.Transports.Stdio.ChildEnvironment.Inherited.Concat(model.Environment.Keys);
        variables.Select(variable => variable.Key).Except(expected).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_child_runs_in_its_working_directory()
    {
        using var folder = new TemporaryFolder();
        await using var connection = await ConnectAsync(Models.Mock() with { WorkingDirectory = folder.Path });

        var response = await connection.CallAsync("whoami");

        ((string?)response["result"]!["structuredContent"]!["workingDirectory"]).ShouldBe(folder.Path);
        ((int?)response["result"]!["structuredContent"]!["processId"]).ShouldBe(connection.ProcessId);
    }

    [Fact]
    public async Task Arguments_are_never_interpreted()
    {
        await using var connection = await ConnectAsync(Models.Mock("dual", "--name", "$(touch /tmp/owned); \"quoted\" *"));

        JsonNode.Parse(connection.Peer.ServerInfo.Span)!["name"]!.ToString().ShouldBe("$(touch /tmp/owned); \"quoted\" *");
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Stdio("no-such-program")));

        fault.Result.ShouldBe(AttemptResult.ConnectFailed);
        fault.Sent.ShouldBeFalse();
        fault.Message.ShouldStartWith("no-such-program was not found on PATH");
    }

    [Fact]
    public async Task A_working_directory_that_does_not_exist_is_named()
    {
        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Mock() with { WorkingDirectory = "/no/such/folder" }));

        fault.Message.ShouldBe("the working directory /no/such/folder does not exist");
    }

    [Fact]
    public async Task A_child_that_ends_at_once_says_why_to_the_operator_only()
    {
        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(Models.Stdio("sh", "-c", "echo 'token=abc is wrong' >&2; exit 5")));

        fault.Result.ShouldBe(AttemptResult.ConnectFailed);
        fault.Message.ShouldContain("exit code 5");
        fault.Message.ShouldNotContain("token");
        fault.OperatorDetail.ShouldBe("token=abc is wrong");
    }

    [Fact]
    public async Task A_child_that_ignores_the_end_of_its_input_is_ended_and_reaped()
    {
        var connection = await ConnectAsync(Models.Mock("dual", "--ignore-eof"));
        var process = connection.ProcessId!.Value;

        await connection.DisposeAsync();

        ProcessTable.IsRunning(process).ShouldBeFalse();
        ProcessTable.ZombiesOf(Environment.ProcessId).ShouldNotContain(process);
    }

    [Fact]
    public async Task Stopping_a_child_ends_its_grandchildren_too()
    {
        var mark = $"mark-{Guid.NewGuid():N}";
        var connection = await ConnectAsync(ScriptServers.WithStubbornGrandchild(mark));
        await Waiting.UntilAsync(() => ProcessTable.WithArgument(mark).Count > 1);

        await connection.DisposeAsync();

        await Waiting.UntilAsync(() => ProcessTable.WithArgument(mark).Count == 0);
    }

    [Fact]
    public async Task A_child_that_dies_takes_its_grandchildren_along_and_leaves_no_zombie()
    {
        var mark = $"mark-{Guid.NewGuid():N}";
        await using var connection = await ConnectAsync(ScriptServers.WithStubbornGrandchild(mark));
        var process = connection.ProcessId!.Value;

        ProcessTable.Kill(process);

        var (_, _, exitCode) = await _events.ClosedAsync();
        exitCode.ShouldBe(137);
        await Waiting.UntilAsync(() => ProcessTable.WithArgument(mark).Count == 0);
        ProcessTable.ZombiesOf(Environment.ProcessId).ShouldNotContain(process);
    }

    [Fact]
    public async Task Stopping_a_child_that_ends_by_itself_at_the_same_time_is_no_fault()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ConnectAsync(ScriptServers.Asking("roots/list"))));

        await Task.WhenAll(connections.Select(connection => Task.WhenAll(
            Task.Run(() => ProcessTable.Kill(connection.ProcessId!.Value)),
            Task.Run(async () => await connection.DisposeAsync()),
            Task.Run(async () => await connection.DisposeAsync()))));

        connections.ShouldAllBe(connection => !ProcessTable.IsRunning(connection.ProcessId!.Value));
    }

    [Fact]
    public async Task After_a_crash_a_new_connection_is_a_new_process()
    {
        var model = Models.Mock();
        var first = await ConnectAsync(model);
        await first.FailsAsync(first.ToolCall("crash", new JsonObject { ["code"] = 9 }));
        await first.DisposeAsync();

        await using var second = await ConnectAsync(model);

        second.ProcessId.ShouldNotBe(first.ProcessId);
        (await second.CallAsync("echo", new JsonObject { ["message"] = "alive" })).Text().ShouldBe("alive");
    }

    [Fact]
    public async Task A_server_that_is_silent_to_the_probe_is_taken_for_an_old_one()
    {
        await using var connection = await ConnectAsync(ScriptServers.SilentToTheProbe);

        connection.Peer.Revision.Text.ShouldBe("2025-06-18");
    }

    [Fact]
    public async Task A_server_that_dies_of_the_probe_is_started_again_without_it()
    {
        await using var connection = await ConnectAsync(ScriptServers.DiesOfTheProbe);

        connection.Peer.Revision.Text.ShouldBe("2025-06-18");
        _events.Closed.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_never_answers_fails_within_its_initialize_timeout_and_is_ended()
    {
        var mark = $"mark-{Guid.NewGuid():N}";
        var model = Models.Stdio("sh", "-c", "while read -r line; do :; done", mark).WithInitializeTimeout(TimeSpan.FromMilliseconds(400));

        var fault = await Should.ThrowAsync<UpstreamException>(() => ConnectAsync(model));

        fault.Result.ShouldBe(AttemptResult.Timeout);
        fault.Sent.ShouldBeFalse();
        await Waiting.UntilAsync(() => ProcessTable.WithArgument(mark).Count == 0);
    }

    private Task<IUpstreamConnection> ConnectAsync(ServerModel model)
        => _connector.ConnectAsync(Models.Request(model), _events, new CancellationTokenSource(Limits.Patience).Token);
}
