using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>members</c>, <c>drain</c> and <c>config</c>.</summary>
internal static class ClusterCommands
{
    private static readonly (string Key, string Shown)[] Marks = [("leader", "leader"), ("oldest", "oldest"), ("selfNode", "answers")];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The members of the cluster, by host and port.</summary>
    public static Command Members(RemoteCommands remote) =>
        remote.Handle(new Command("members", "Show the members of the cluster."), async (parse, client, cancel) =>
        {
            var answer = await client.GetAsync("/cluster/members", cancel);
            return remote.Show(parse, answer, console =>
            {
                var unreachable = answer?["unreachable"]?.AsArray().Select(member => (string?)member?["node"]).ToHashSet() ?? [];
                var table = Tables.Of("node", "status", "reachable", "roles", "");
                foreach (var member in answer?["members"]?.AsArray() ?? [])
                {
                    var node = (string?)member?["node"];
                    var marks = Marks.Where(mark => node == (string?)answer?[mark.Key]).Select(mark => mark.Shown);
                    table.AddRow(
                        Tables.Node(member?["node"]), Tables.State(member?["status"]), unreachable.Contains(node) ? "[red]no[/]" : "yes",
                        Tables.Text(member?["roles"]), string.Join(", ", marks));
                }

                console.Write(table);
            });
        });

    /// <summary>Lets a member leave.</summary>
    public static Command Drain(RemoteCommands remote)
    {
        var node = new Argument<string>("NODE") { Description = "The member, as host:port; see members." };
        return remote.Handle(new Command("drain", "Let a node finish its calls, hand its servers over and leave.") { node }, async (parse, client, cancel) =>
        {
            var answer = await client.SendAsync(HttpMethod.Put, $"/cluster/members/{Uri.EscapeDataString(parse.GetValue(node)!)}?operation=leave", null, cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{answer?["message"]}"));
        });
    }

    /// <summary>The configuration, what a reload would change, and the reload.</summary>
    public static Command Config(RemoteCommands remote)
    {
        var command = new Command("config", "Show the effective configuration; secrets are masked.");
        remote.Handle(command, async (parse, client, cancel) =>
        {
            var answer = await client.GetAsync("/api/v1/config", cancel);
            return remote.Show(parse, answer, console => console.WriteLine(answer?.ToJsonString(Indented) ?? ""));
        });
        command.Add(remote.Handle(new Command("diff", "Show what a reload would change."), async (parse, client, cancel) =>
            ShowChanges(remote, parse, await client.GetAsync("/api/v1/config/diff", cancel))));
        command.Add(remote.Handle(new Command("reload", "Read the configuration files again and apply them."), async (parse, client, cancel) =>
            ShowChanges(remote, parse, await client.SendAsync(HttpMethod.Post, "/api/v1/config/reload", null, cancel))));
        return command;
    }

    private static int ShowChanges(RemoteCommands remote, ParseResult parse, JsonNode? answer) => remote.Show(parse, answer, console =>
    {
        string[] parts = ["added", "changed", "removed", "needsRestart"];
        var any = false;
        foreach (var part in parts)
        {
            foreach (var entry in answer?[part]?.AsArray() ?? [])
            {
                any = true;
                console.WriteLine($"{part switch { "needsRestart" => "needs a restart", _ => part }}: {entry}");
            }
        }

        if (!any)
            console.WriteLine("Nothing changes.");
    });
}
