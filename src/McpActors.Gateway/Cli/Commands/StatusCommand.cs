using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>status</c>: the node at a glance.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create(RemoteCommands remote)
    {
        var watch = new Option<bool>("--watch") { Description = "Draw it anew every second until Ctrl-C." };
        return remote.Handle(new Command("status", "Show the node, its parts and its servers.") { watch }, async (parse, client, cancel) =>
        {
            var answer = await client.GetAsync("/api/v1/status", cancel);
            if (!parse.GetValue(watch) || remote.WantsJson(parse))
                return remote.Show(parse, answer, console => console.Write(Draw(answer)));
            await WatchAsync(remote, client, answer, cancel);
            return CommandLine.Ok;
        });
    }

    private static async Task WatchAsync(RemoteCommands remote, ManagementClient client, JsonNode? first, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Period);
        await remote.Console().Live(Draw(first)).StartAsync(async live =>
        {
            while (!cancel.IsCancellationRequested && await timer.WaitForNextTickAsync(cancel))
            {
                live.UpdateTarget(Draw(await client.GetAsync("/api/v1/status", cancel)));
                live.Refresh();
            }
        });
    }

    private static Rows Draw(JsonNode? status)
    {
        var parts = new Table { Border = TableBorder.None, ShowHeaders = false };
        parts.AddColumn("").AddColumn("");
        parts.AddRow("node", Tables.Text(status?["node"]));
        parts.AddRow("version", Tables.Text(status?["version"]));
        parts.AddRow("up since", Tables.Text(status?["startedAt"]));
        foreach (var check in status?["checks"]?.AsArray() ?? [])
            parts.AddRow(Tables.Text(check?["name"]), Tables.State(check?["status"]) + " " + Tables.Text(check?["reason"]));
        return new Rows(parts, ServerCommands.ServerTable(status?["servers"]));
    }
}
