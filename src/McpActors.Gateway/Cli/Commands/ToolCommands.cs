using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>tools</c> and <c>call</c>.</summary>
internal static class ToolCommands
{
    /// <summary>The list of tools.</summary>
    public static Command Tools(RemoteCommands remote)
    {
        var server = new Argument<string?>("SERVER") { Description = "One server; all without it. One whose tools are not known yet is started and asked.", Arity = ArgumentArity.ZeroOrOne };
        var refresh = new Option<bool>("--refresh") { Description = "Ask the servers, and start for it what does not run." };
        var command = new Command("tools", "Show the tools of all servers, or of one, as last known. No process is started for it, unless you name the server or say --refresh.") { server, refresh };
        return remote.Handle(command, async (parse, client, cancel) =>
        {
            var all = await ReadAllAsync(client, (parse.GetValue(server), parse.GetValue(refresh)), cancel);
            return remote.Show(parse, all, console => PrintTools(console, all));
        });
    }

    /// <summary>One call.</summary>
    public static Command Call(RemoteCommands remote)
    {
        var server = new Argument<string>("SERVER") { Description = "The server." };
        var tool = new Argument<string>("TOOL") { Description = "The tool's own name." };
        var json = new Argument<string?>("JSON") { Description = "The arguments as a JSON object; '-' reads them from standard input. Default: {}.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("call", "Call one tool and print its answer.") { server, tool, json };
        return remote.Handle(command, async (parse, client, cancel) =>
        {
            var text = parse.GetValue(json) is "-" ? await Console.In.ReadToEndAsync(cancel) : parse.GetValue(json) ?? "{}";
            var arguments = ServerCommands.Json(text, "JSON");
            var path = $"/api/v1/servers/{Uri.EscapeDataString(parse.GetValue(server)!)}/tools/{Uri.EscapeDataString(parse.GetValue(tool)!)}";
            var answer = await client.SendAsync(HttpMethod.Post, path, arguments, cancel);
            remote.Show(parse, answer, console => Print(console, answer));
            return (bool?)answer?["isError"] == true ? CommandLine.Failed : CommandLine.Ok;
        });
    }

    private static async Task<JsonObject> ReadAllAsync(ManagementClient client, (string? Server, bool Refresh) wanted, CancellationToken cancel)
    {
        var path = "/api/v1/tools?limit=1000" + (wanted.Server is null ? "" : "&server=" + Uri.EscapeDataString(wanted.Server));
        // Once is enough: the pages after it find what the servers said.
        var first = (await client.GetAsync(path + (wanted.Refresh ? "&refresh=true" : ""), cancel))!;
        var tools = new JsonArray();
        for (var page = first; ; page = (await client.GetAsync(path + "&after=" + Uri.EscapeDataString((string)page["next"]!), cancel))!)
        {
            foreach (var tool in page["tools"]!.AsArray())
                tools.Add(tool!.DeepClone());
            if (page["next"] is null)
                break;
        }

        // Each page names them all; the first says how the servers were asked.
        return new JsonObject { ["tools"] = tools, ["unavailable"] = first["unavailable"]!.DeepClone(), ["notAsked"] = first["notAsked"]!.DeepClone() };
    }

    private static void PrintTools(IAnsiConsole console, JsonObject answer)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("server").NoWrap()).AddColumn(new TableColumn("tool").NoWrap()).AddColumn(new TableColumn("effect").NoWrap()).AddColumn("description");
        foreach (var tool in answer["tools"]!.AsArray())
            table.AddRow(Tables.Text(tool?["server"]), Tables.Text(tool?["name"]), Tables.Text(tool?["effect"]), FirstLine(Tables.Text(tool?["description"])));
        if (table.Rows.Count > 0)
            console.Write(table);
        var listed = answer["tools"]!.AsArray().Select(tool => (string?)tool!["server"]).ToHashSet();
        foreach (var server in answer["unavailable"]!.AsArray())
        {
            var (colour, standing) = listed.Contains((string?)server!["server"]) ? ("yellow", "listed as last known") : ("red", "not listed");
            console.MarkupLine($"[{colour}]{Tables.Text(server["server"])} is {standing}:[/] {Tables.Text(server["reason"])}");
        }

        var notAsked = answer["notAsked"]!.AsArray().Select(server => (string)server!["server"]!).ToArray();
        if (notAsked.Length > 0)
        {
            console.MarkupLine($"[yellow]Not listed yet, because they do not run:[/] {Markup.Escape(string.Join(", ", notAsked))}");
            console.MarkupLine($"'mcpactors tools {Markup.Escape(notAsked[0])}' starts and asks one of them, 'mcpactors tools --refresh' all.");
        }
    }

    private static void Print(IAnsiConsole console, JsonNode? answer)
    {
        foreach (var block in answer?["content"]?.AsArray() ?? [])
            console.WriteLine((string?)block?["text"] ?? block?.ToJsonString() ?? "");
        if (answer?["content"]?.AsArray() is not { Count: > 0 })
            console.WriteLine(answer?["structuredContent"]?.ToJsonString() ?? "");
    }

    private static string FirstLine(string text)
    {
        var line = text.Split('\n')[0];
        return line.Length > 100 ? line[..100] + "…" : line;
    }
}
