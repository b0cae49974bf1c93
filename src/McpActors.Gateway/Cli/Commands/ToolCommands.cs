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
        var server = new Argument<string?>("SERVER") { Description = "One server; all without it.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("tools", "Show the tools of all servers, or of one. Servers on demand are started for it.") { server };
        return remote.Handle(command, async (parse, client, cancel) =>
        {
            var one = parse.GetValue(server);
            var answer = await client.GetAsync("/api/v1/tools" + (one is null ? "" : "?server=" + Uri.EscapeDataString(one)), cancel);
            return remote.Show(parse, answer, console =>
            {
                var table = new Table { Border = TableBorder.Simple };
                table.AddColumn(new TableColumn("server").NoWrap()).AddColumn(new TableColumn("tool").NoWrap()).AddColumn(new TableColumn("effect").NoWrap()).AddColumn("description");
                foreach (var tool in answer?["tools"]?.AsArray() ?? [])
                    table.AddRow(Tables.Text(tool?["server"]), Tables.Text(tool?["name"]), Tables.Text(tool?["effect"]), FirstLine(Tables.Text(tool?["description"])));
                console.Write(table);
                foreach (var missing in answer?["unavailable"]?.AsArray() ?? [])
                    console.MarkupLine($"[red]{Tables.Text(missing?["server"])} is not listed:[/] {Tables.Text(missing?["reason"])}");
            });
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
