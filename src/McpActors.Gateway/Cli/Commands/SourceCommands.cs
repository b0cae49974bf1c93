using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>sources</c> and <c>approvals</c>: where servers come from, and what people decide about that.</summary>
internal static class SourceCommands
{
    private const string Approvals = "/api/v1/approvals";

    /// <summary><c>sources</c>.</summary>
    public static Command Sources(RemoteCommands remote)
    {
        var servers = new Option<bool>("--servers") { Description = "Show what each source says of each server, who won, and why the others did not." };
        var command = new Command("sources", "Show where servers come from, and how the sources do.") { servers };
        return remote.Handle(command, (parse, client, cancel) =>
            parse.GetValue(servers) ? ServersAsync(remote, parse, client, cancel) : SourcesAsync(remote, parse, client, cancel));
    }

    /// <summary><c>approvals</c> with its children.</summary>
    public static Command ApprovalsCommand(RemoteCommands remote) => new("approvals", "List, approve and reject what registries want to run.")
    {
        List(remote),
        Judge(remote, "approve", "Let a discovered server be used, as its definition is now."),
        Judge(remote, "reject", "Refuse a discovered server, or take its approval back."),
    };

    private static async Task<int> SourcesAsync(RemoteCommands remote, ParseResult parse, ManagementClient client, CancellationToken cancel)
    {
        var answer = await client.GetAsync("/api/v1/sources", cancel);
        return remote.Show(parse, answer?["sources"], console =>
        {
            var table = Tables.Of("source", "servers", "in force", "node", "last success", "next", "last error");
            foreach (var row in answer?["sources"]?.AsArray() ?? [])
            {
                table.AddRow(
                    Tables.Text(row?["source"]), Tables.Text(row?["servers"]), Tables.Text(row?["inForce"]), Tables.Text(row?["node"]),
                    Tables.Text(row?["lastSuccess"]), Tables.Text(row?["nextDue"]), Tables.Text(row?["lastError"]));
            }

            console.Write(table);
            if ((string?)answer?["coordinator"] is { } coordinator and not "ok")
                console.MarkupLineInterpolated($"[red]The coordinator {coordinator}.[/]");
        });
    }

    private static async Task<int> ServersAsync(RemoteCommands remote, ParseResult parse, ManagementClient client, CancellationToken cancel)
    {
        var all = await client.ListAsync("/api/v1/sources/servers", "servers", cancel);
        return remote.Show(parse, all, console =>
        {
            var table = Tables.Of("server", "source", "standing", "name", "version", "reason");
            foreach (var row in all)
            {
                table.AddRow(
                    Tables.Text(row?["id"]), Tables.Text(row?["source"]), Tables.Text(row?["standing"]), Tables.Text(row?["name"]), Tables.Text(row?["version"]), Tables.Text(row?["reason"]));
            }

            console.Write(table);
        });
    }

    private static Command List(RemoteCommands remote)
    {
        var state = new Option<string?>("--state") { Description = "pending, approved or rejected. Default: all." };
        state.AcceptOnlyFromAmong("pending", "approved", "rejected");
        return remote.Handle(new Command("list", "List what registries want to run, and what was decided.") { state }, async (parse, client, cancel) =>
        {
            var all = await client.ListAsync(parse.GetValue(state) is { } one ? $"{Approvals}?state={one}" : Approvals, "approvals", cancel);
            return remote.Show(parse, all, console =>
            {
                if (all.Count == 0)
                {
                    console.WriteLine("Nothing waits for approval.");
                    return;
                }

                var table = Tables.Of("server", "state", "version", "source", "why it asks", "needs", "decided by", "reason");
                foreach (var row in all)
                {
                    table.AddRow(
                        Tables.Text(row?["id"]), Tables.State(row?["state"]), Tables.Text(row?["version"]), Tables.Text(row?["source"]), Tables.Text(row?["reason"]),
                        Tables.Text(row?["needs"]), Tables.Text(row?["by"]), Tables.Text(row?["why"]));
                }

                console.Write(table);
            });
        });
    }

    private static Command Judge(RemoteCommands remote, string verb, string description)
    {
        var id = new Argument<string>("ID") { Description = "The server, as 'approvals list' shows it." };
        var reason = new Option<string>("--reason") { Description = "Why; kept with the decision.", DefaultValueFactory = _ => "" };
        var source = new Option<string?>("--source") { Description = "The source, when several say the same id." };
        var hash = new Option<string?>("--hash") { Description = "The definition that was looked at. Default: the one that is listed now." };
        return remote.Handle(new Command(verb, description) { id, reason, source, hash }, async (parse, client, cancel) =>
        {
            var (server, from) = (parse.GetValue(id)!, parse.GetValue(source));
            var seen = parse.GetValue(hash) ?? await HashAsync(client, (server, from), cancel);
            var order = new JsonObject { ["hash"] = seen, ["reason"] = parse.GetValue(reason) };
            if (from is not null)
                order["source"] = from;
            var answer = await client.SendAsync(HttpMethod.Post, $"{Approvals}/{Uri.EscapeDataString(server)}/{verb}", order, cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{server}: {answer?["result"]} (definition {seen})"));
        });
    }

    private static async Task<string> HashAsync(ManagementClient client, (string Server, string? Source) wanted, CancellationToken cancel)
    {
        var all = await client.ListAsync(Approvals, "approvals", cancel);
        var found = all.FirstOrDefault(row => (string?)row?["id"] == wanted.Server && (wanted.Source is null || (string?)row?["source"] == wanted.Source));
        return (string?)found?["hash"] ?? throw new CliException($"No source wants to run '{wanted.Server}', or nobody needs to approve it; 'mcpactors approvals list' shows what waits.");
    }
}
