using System.Diagnostics;
using System.Globalization;
using McpActors.Testing;
using McpActors.Transports.Stdio;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpActors.Transports.Tests.Stdio;

public sealed class ProcessReaperTests
{
    [Fact]
    public async Task Nothing_outlives_a_node_that_was_killed()
    {
        var mark = $"mark-{Guid.NewGuid():N}";
        var model = ScriptServers.WithStubbornGrandchild(mark);
        using var node = StartNode([model.Protocol!, model.Command!, .. model.Arguments]);
        var line = await node.StandardOutput.ReadLineAsync().WaitAsync(Limits.Patience);
        var child = int.Parse(line!, CultureInfo.InvariantCulture);
        ProcessTable.IsRunning(child).ShouldBeTrue();

        ProcessTable.Kill(node.Id);

        await node.WaitForExitAsync();
        await Waiting.UntilAsync(() => !ProcessTable.IsRunning(child) && ProcessTable.WithArgument(mark).Count == 0);
    }

    [Fact]
    public async Task A_reaper_that_was_killed_is_replaced_and_knows_the_living()
    {
        using var reaper = new ProcessReaper(NullLogger<ProcessReaper>.Instance);
        var child = ChildProcess.Start(Sleeper(), reaper, TimeProvider.System, TimeSpan.FromMilliseconds(200));
        var first = reaper.ProcessId!.Value;
        ProcessTable.Kill(first);
        await Waiting.UntilAsync(() => reaper.ProcessId is null);

        var second = ChildProcess.Start(Sleeper(), reaper, TimeProvider.System, TimeSpan.FromMilliseconds(200));

        reaper.ProcessId.ShouldNotBeNull().ShouldNotBe(first);
        reaper.Dispose();
        (await child.Exited.WaitAsync(Limits.Patience)).ShouldBe(137);
        (await second.Exited.WaitAsync(Limits.Patience)).ShouldBe(137);
    }

    [Fact]
    public async Task A_child_that_has_ended_is_listed_no_more()
    {
        using var reaper = new ProcessReaper(NullLogger<ProcessReaper>.Instance);
        var quick = ChildProcess.Start(new ChildCommand("/bin/sh", ["-c", "exit 4"], new Dictionary<string, string>(), null), reaper, TimeProvider.System, TimeSpan.FromSeconds(1));

        (await quick.Exited.WaitAsync(Limits.Patience)).ShouldBe(4);

        reaper.Count.ShouldBe(0);
    }

    private static ChildCommand Sleeper()
        => new("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 5; done"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, null);

    private static Process StartNode(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ProcessReaperTests).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }
}
