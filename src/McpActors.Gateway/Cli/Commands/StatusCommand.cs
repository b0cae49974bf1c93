using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>status</c>: the cluster at a glance.</summary>
internal static class StatusCommand
{
    private const string Route = "/api/v1/status";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create(RemoteCommands remote)
    {
        var watch = new Option<bool>("--watch") { Description = "Draw it anew every second until Ctrl-C; with --json one document a line." };
        return remote.Handle(new Command("status", "Show the nodes, their parts and the servers.") { watch }, async (parse, client, cancel) =>
        {
            var answer = await client.GetAsync(Route, cancel);
            if (!parse.GetValue(watch))
                return remote.Show(parse, answer, console => console.Write(Draw(answer)));
            try
            {
                await WatchAsync(remote, client, answer, remote.WantsJson(parse), cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // Ctrl-C is the way to end it.
            }
            catch (IOException)
            {
                // Whoever read our output has seen enough.
            }

            return CommandLine.Ok;
        });
    }

    private static async Task WatchAsync(RemoteCommands remote, ManagementClient client, JsonNode? first, bool json, CancellationToken cancel)
    {
        var console = remote.Console();
        if (json || !console.Profile.Out.IsTerminal)
        {
            await PrintAsync(remote, client, first, json, cancel);
            return;
        }

        using var timer = new PeriodicTimer(Period);
        await console.Live(Draw(first)).StartAsync(async live =>
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                live.UpdateTarget(await LookAsync(client, cancel));
                live.Refresh();
            }
        });
    }

    // A pipe is written to and never drawn over.
    private static async Task PrintAsync(RemoteCommands remote, ManagementClient client, JsonNode? first, bool json, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Period);
        for (var answer = first; ; answer = await client.GetAsync(Route, cancel))
        {
            if (json)
                await remote.Output.WriteLineAsync(answer?.ToJsonString() ?? "null");
            else
                remote.Console().Write(Draw(answer));
            await remote.Output.FlushAsync(cancel);
            await timer.WaitForNextTickAsync(cancel);
        }
    }

    // A node that restarts is waited for: that is what one watches for.
    private static async Task<IRenderable> LookAsync(ManagementClient client, CancellationToken cancel)
    {
        try
        {
            return Draw(await client.GetAsync(Route, cancel));
        }
        catch (CliException failure)
        {
            return new Markup($"[red]{Markup.Escape(failure.Message)}[/]");
        }
    }

    private static Rows Draw(JsonNode? status)
    {
        var nodes = Tables.Of("node", "state", "member", "roles", "version", "up since", "servers", "sessions", "calls", "");
        foreach (var node in status?["nodes"]?.AsArray() ?? [])
        {
            nodes.AddRow(
                Tables.Node(node?["node"]) + ((string?)node?["node"] == (string?)status?["node"] ? " *" : ""), Tables.State(node?["state"]), Tables.State(node?["status"]),
                Tables.Text(node?["roles"]), Tables.Text(node?["version"]), Tables.Time(node?["startedAt"]), Tables.Text(node?["servers"]),
                Tables.Text(node?["sessions"]), Tables.Text(node?["calls"]), Notes(node));
        }

        return new Rows(nodes, ServerCommands.ServerTable(status?["servers"]));
    }

    // Only what is not as it should be, and who leads.
    private static string Notes(JsonNode? node)
    {
        var notes = new List<string>();
        if ((bool?)node?["leader"] == true)
            notes.Add("leader");
        if ((bool?)node?["oldest"] == true)
            notes.Add("oldest");
        if ((bool?)node?["drift"] == true)
            notes.Add("[red]its configuration file differs[/]");
        notes.AddRange((node?["checks"]?.AsArray() ?? []).Where(check => (string?)check?["status"] != "ok")
            .Select(check => $"{Tables.State(check?["status"])} {Tables.Text(check?["name"])}: {Tables.Text(check?["reason"])}"));
        return string.Join(", ", notes);
    }
}
