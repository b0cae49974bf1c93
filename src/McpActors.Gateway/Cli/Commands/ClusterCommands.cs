using System.CommandLine;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>members</c> and <c>drain</c>.</summary>
internal static class ClusterCommands
{
    private static readonly (string Key, string Shown)[] Marks = [("leader", "leader"), ("oldest", "oldest"), ("selfNode", "answers")];

    /// <summary>The members of the cluster, by name and by host and port.</summary>
    public static Command Members(RemoteCommands remote) =>
        remote.Handle(new Command("members", "Show the members of the cluster."), async (parse, client, cancel) =>
        {
            var answer = await client.GetAsync("/cluster/members", cancel);
            return remote.Show(parse, answer, console =>
            {
                var unreachable = answer?["unreachable"]?.AsArray().Select(member => (string?)member?["node"]).ToHashSet() ?? [];
                var table = Tables.Of("node", "name", "status", "reachable", "roles", "");
                foreach (var member in answer?["members"]?.AsArray() ?? [])
                {
                    var node = (string?)member?["node"];
                    var marks = Marks.Where(mark => node == (string?)answer?[mark.Key]).Select(mark => mark.Shown);
                    table.AddRow(
                        Tables.Node(member?["node"]), Tables.Text(member?["name"]), Tables.State(member?["status"]), unreachable.Contains(node) ? "[red]no[/]" : "yes",
                        Tables.Text(member?["roles"]), string.Join(", ", marks));
                }

                console.Write(table);
            });
        });

    /// <summary>Lets a member leave.</summary>
    public static Command Drain(RemoteCommands remote)
    {
        var node = new Argument<string>("NODE") { Description = "The member, by its name or as host:port; see members." };
        return remote.Handle(new Command("drain", "Let a node finish its calls, hand its servers over and leave.") { node }, async (parse, client, cancel) =>
        {
            var answer = await client.SendAsync(HttpMethod.Put, $"/cluster/members/{Uri.EscapeDataString(parse.GetValue(node)!)}?operation=leave", null, cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{answer?["message"]}"));
        });
    }
}
