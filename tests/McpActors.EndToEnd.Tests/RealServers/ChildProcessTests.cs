using System.Text.Json.Nodes;
using McpActors.MockServer;
using McpActors.Testing;
using ModelContextProtocol.Client;

namespace McpActors.EndToEnd.Tests.RealServers;

/// <summary>Servers that are child processes: they come back when they die, and they never outlive the node.</summary>
public sealed class ChildProcessTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task A_killed_child_is_replaced_for_the_next_call()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processes are looked up in /proc");
        using var folder = new TemporaryFolder();
        await using var gateway = await GatewayProcess.StartAsync(Server("child", folder.File("ledger.jsonl")));
        await using var client = await ConnectAsync(gateway, "child");
        var first = await WhoAsync(client);

        ProcessTable.Kill(first);
        await gateway.WaitUntilAsync(() => Task.FromResult(ProcessTable.IsGone(first)), "rid of the child", s_limit);
        var second = await WhoAsync(client);

        second.ShouldNotBe(first);
        Ledger.ReadStarts(folder.File("ledger.jsonl")).ShouldBe([first, second]);
        ProcessTable.ZombiesOf(gateway.ProcessId).ShouldBeEmpty();
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Children_end_with_the_node_even_if_they_ignore_the_end_of_input(bool killed)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processes are looked up in /proc");
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.jsonl");
        await using var gateway = await GatewayProcess.StartAsync(Server("stubborn", ledger, "--ignore-eof"));
        await using var client = await ConnectAsync(gateway, "stubborn");
        var child = await WhoAsync(client);

        if (killed)
            await gateway.KillAsync();
        else
            await gateway.StopAsync();

        (await EndsAsync(child)).ShouldBeTrue("the child outlived the node");
        ProcessTable.WithArgument(ledger).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_child_sees_a_clean_environment()
    {
        using var folder = new TemporaryFolder();
        var options = new GatewayProcessOptions { Environment = new Dictionary<string, string> { ["SECRET_OF_THE_NODE"] = "hidden" } };
        await using var gateway = await GatewayProcess.StartAsync(Server("child", folder.File("ledger.jsonl")), options);
        await using var client = await ConnectAsync(gateway, "child");

        var result = await client.CallToolAsync("env");

        var variables = JsonNode.Parse(result.StructuredContent!.Value.GetRawText())!.AsObject();
        variables.ContainsKey("SECRET_OF_THE_NODE").ShouldBeFalse();
        variables.ContainsKey("PATH").ShouldBeTrue();
        ((string?)variables["GIVEN"]).ShouldBe("yes");
    }

    private static string Server(string id, string ledger, params string[] more)
    {
        var arguments = string.Join(", ", MockServerProgram.Stdio("2025-11-25", ledger, more).Select(argument => $"\"{argument}\""));
        return $$"""
            servers:
              {{id}}:
                command: "{{MockServerProgram.Path}}"
                args: [{{arguments}}]
                env: { GIVEN: "yes" }
            """;
    }

    private static Task<McpClient> ConnectAsync(GatewayProcess gateway, string id) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions { Endpoint = gateway.Mcp(id) }));

    private static async Task<int> WhoAsync(McpClient client) =>
        (await client.CallToolAsync("whoami")).StructuredContent!.Value.GetProperty("processId").GetInt32();

    /// <summary>Looks until the process is gone, a bounded number of times.</summary>
    private static async Task<bool> EndsAsync(int id)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var looks = 0; looks < 200; looks++)
        {
            if (!ProcessTable.IsRunning(id))
                return true;
            await timer.WaitForNextTickAsync();
        }

        return false;
    }
}
