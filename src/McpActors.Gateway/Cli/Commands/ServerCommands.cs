using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>servers</c> and what changes them.</summary>
internal static class ServerCommands
{
    /// <summary>The command with its children.</summary>
    public static Command Create(RemoteCommands remote)
    {
        var id = new Argument<string?>("ID") { Description = "One server; all without it.", Arity = ArgumentArity.ZeroOrOne };
        var events = new Option<bool>("--events") { Description = "Show the journalled history of the server." };
        var command = new Command("servers", "Show the servers, or one with everything about it.") { id, events };
        remote.Handle(command, async (parse, client, cancel) => parse.GetValue(id) switch
        {
            null => await ListAsync(remote, parse, client, cancel),
            { } one when parse.GetValue(events) => await EventsAsync(remote, parse, (client, one), cancel),
            { } one => await ShowAsync(remote, parse, (client, one), cancel),
        });
        command.Add(Add(remote));
        command.Add(Action(remote, "remove", "Remove a server that was added at run time, or hide one from the file.", (HttpMethod.Delete, "")));
        command.Add(Action(remote, "restore", "Drop the run-time entry of a server, so that the file counts again.", (HttpMethod.Post, "/restore")));
        command.Add(Action(remote, "enable", "Let a disabled server take calls again.", (HttpMethod.Post, "/enable")));
        command.Add(Action(remote, "disable", "Refuse calls to a server and stop its processes.", (HttpMethod.Post, "/disable")));
        command.Add(Action(remote, "restart", "Close every session and process of a server.", (HttpMethod.Post, "/restart")));
        return command;
    }

    /// <summary>The table of servers, also drawn by <c>status</c>.</summary>
    public static Table ServerTable(JsonNode? servers)
    {
        var table = Tables.Of("server", "state", "circuit", "health", "transport", "era", "in flight", "tools", "source", "node", "reason");
        foreach (var server in servers?.AsArray() ?? [])
        {
            table.AddRow(
                Tables.Text(server?["id"]), Tables.State(server?["state"]), Tables.State(server?["circuit"]?["state"]), Tables.State(server?["health"]?["verdict"]), Tables.Text(server?["transport"]),
                Tables.Text(server?["era"]), Tables.Text(server?["inFlight"]), Tables.Text(server?["tools"]), Tables.Text(server?["source"]), Tables.Node(server?["node"]), Tables.Text(server?["reason"]));
        }

        return table;
    }

    private static async Task<int> ListAsync(RemoteCommands remote, ParseResult parse, ManagementClient client, CancellationToken cancel)
    {
        var all = await client.ListAsync("/api/v1/servers", "servers", cancel);
        return remote.Show(parse, all, console =>
        {
            if (all.Count == 0)
                console.WriteLine("No servers are configured. Add one to the configuration file, or with 'mcpactors servers add'.");
            else
                console.Write(ServerTable(all));
        });
    }

    private static async Task<int> ShowAsync(RemoteCommands remote, ParseResult parse, (ManagementClient Client, string Id) target, CancellationToken cancel)
    {
        var server = await target.Client.GetAsync($"/api/v1/servers/{Uri.EscapeDataString(target.Id)}", cancel);
        return remote.Show(parse, server, console =>
        {
            var table = Tables.Of("", "").HideHeaders();
            foreach (var (name, value) in server?.AsObject() ?? [])
                AddRows(table, name, value);
            console.Write(table);
        });
    }

    private static void AddRows(Table table, string name, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject nested:
                foreach (var (inner, innerValue) in nested)
                    AddRows(table, $"{name}.{inner}", innerValue);
                break;
            case JsonArray list when list.Any(item => item is JsonObject):
                for (var i = 0; i < list.Count; i++)
                    table.AddRow(i == 0 ? Markup.Escape(name) : "", Markup.Escape(string.Join("  ", list[i]!.AsObject().Select(pair => $"{pair.Key}={pair.Value}"))));
                break;
            default:
                table.AddRow(Markup.Escape(name), name is "state" or "circuit.state" or "health.verdict" ? Tables.State(value) : Tables.Text(value));
                break;
        }
    }

    private static async Task<int> EventsAsync(RemoteCommands remote, ParseResult parse, (ManagementClient Client, string Id) target, CancellationToken cancel)
    {
        var page = await target.Client.GetAsync($"/api/v1/servers/{Uri.EscapeDataString(target.Id)}/events?limit=100", cancel);
        return remote.Show(parse, page, console =>
        {
            var table = Tables.Of("no", "when", "event", "what");
            foreach (var entry in page?["events"]?.AsArray() ?? [])
                table.AddRow(Tables.Text(entry?["sequence"]), Tables.Text(entry?["at"]), Tables.Text(entry?["event"]), Tables.Text(entry?["text"]));
            console.Write(table);
        });
    }

    private static Command Add(RemoteCommands remote)
    {
        var id = new Argument<string>("ID") { Description = "The id: [a-z0-9][a-z0-9-]{0,23}." };
        var definition = new Option<string>("--definition") { Description = "The server as JSON, with the keys of the configuration file.", Required = true };
        var command = new Command("add", "Add or replace a server at run time; the configuration file stays as it is.") { id, definition };
        return remote.Handle(command, async (parse, client, cancel) =>
        {
            var body = Json(parse.GetValue(definition)!, "--definition");
            var answer = await client.SendAsync(HttpMethod.Put, $"/api/v1/servers/{Uri.EscapeDataString(parse.GetValue(id)!)}", body, cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{parse.GetValue(id)}: {answer?["result"]}"));
        });
    }

    private static Command Action(RemoteCommands remote, string name, string description, (HttpMethod Method, string Suffix) call)
    {
        var id = new Argument<string>("ID") { Description = "The server." };
        var command = new Command(name, description) { id };
        return remote.Handle(command, async (parse, client, cancel) =>
        {
            var answer = await client.SendAsync(call.Method, $"/api/v1/servers/{Uri.EscapeDataString(parse.GetValue(id)!)}{call.Suffix}", null, cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{parse.GetValue(id)}: {answer?["result"]}"));
        });
    }

    /// <summary>Parses JSON that a person typed.</summary>
    public static JsonNode? Json(string text, string where)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException fault)
        {
            throw new CliException($"{where} is not JSON: {fault.Message}", CommandLine.Usage);
        }
    }
}
