using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>config</c>: what is in effect, what the node's file would change, and the reload.</summary>
internal static class ConfigCommands
{
    private const int HashShown = 8;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The command.</summary>
    public static Command Create(RemoteCommands remote)
    {
        var command = new Command("config", "Show which configuration every node runs, and what is in effect; secrets are masked.");
        remote.Handle(command, async (parse, client, cancel) =>
        {
            var answer = await client.GetAsync("/api/v1/config", cancel);
            return remote.Show(parse, answer, console =>
            {
                ShowNodes(console, answer);
                console.WriteLine(answer?["configuration"]?.ToJsonString(Indented) ?? "");
            });
        });
        command.Add(remote.Handle(new Command("diff", "Show how this node's file differs from the revision that the cluster runs."), async (parse, client, cancel) =>
        {
            var answer = await client.GetAsync("/api/v1/config/diff", cancel);
            return remote.Show(parse, answer, console =>
            {
                console.WriteLine((bool?)answer?["drift"] == true
                    ? $"The file ({Short(answer["fileHash"])}) is not revision {answer["revision"]} ({Short(answer["agreedHash"])}); 'mcpactors config reload' makes it the next one, in all nodes."
                    : $"The file is revision {answer?["revision"]?.ToString() ?? "none yet"} ({Short(answer?["fileHash"])}).");
                if ((string?)answer?["reason"] is { } reason)
                    console.WriteLine(reason);
                ShowChanges(console, answer);
            });
        }));
        command.Add(remote.Handle(new Command("reload", "Read this node's files again and make them the configuration of the cluster."), async (parse, client, cancel) =>
        {
            var answer = await client.SendAsync(HttpMethod.Post, "/api/v1/config/reload", null, cancel);
            return remote.Show(parse, answer, console =>
            {
                console.WriteLine($"{((bool?)answer?["isNew"] == true ? "New revision" : "Unchanged: revision")} {answer?["revision"]} ({Short(answer?["hash"])})");
                ShowChanges(console, answer);
                ShowNodes(console, answer);
            });
        }));
        return command;
    }

    private static void ShowNodes(IAnsiConsole console, JsonNode? answer)
    {
        var table = Tables.Of("node", "name", "revision", "runs", "file", "state");
        var remarks = new List<string>();
        foreach (var node in answer?["nodes"]?.AsArray() ?? [])
        {
            table.AddRow(
                Tables.Node(node?["node"]), Tables.Text(node?["name"]), Tables.Text(node?["revision"]), Short(node?["hash"]), Short(node?["fileHash"]), Tables.State(node?["state"]));
            if ((string?)node?["reason"] is { } reason)
                remarks.Add($"{node["name"] ?? node["node"]}: {reason}");
            if (node?["needsRestart"]?.AsArray() is { Count: > 0 } settings)
                remarks.Add($"{node["name"]}: needs a restart for {string.Join(", ", settings)}");
        }

        console.Write(table);
        foreach (var remark in remarks)
            console.WriteLine(remark);
    }

    private static void ShowChanges(IAnsiConsole console, JsonNode? answer)
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
    }

    private static string Short(JsonNode? hash) => (string?)hash is { } text ? text[..Math.Min(HashShown, text.Length)] : "";
}
