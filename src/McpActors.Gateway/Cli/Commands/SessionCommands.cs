using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>sessions</c>: the clients' sessions are listed and ended.</summary>
internal static class SessionCommands
{
    private const string Route = "/api/v1/sessions";

    /// <summary>The command with its children.</summary>
    public static Command Create(RemoteCommands remote)
    {
        var command = new Command("sessions", "Show the sessions of clients over all nodes, the last used first.");
        remote.Handle(command, (parse, client, cancel) => ListAsync(remote, parse, client, cancel));
        command.Add(End(remote));
        return command;
    }

    private static async Task<int> ListAsync(RemoteCommands remote, ParseResult parse, ManagementClient client, CancellationToken cancel)
    {
        var all = new JsonArray();
        var silent = new SortedSet<string>(StringComparer.Ordinal);
        string? after = null;
        do
        {
            var page = await client.GetAsync($"{Route}?limit=500" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)), cancel);
            foreach (var session in page?["sessions"]?.AsArray() ?? [])
                all.Add(session!.DeepClone());
            foreach (var node in page?["silent"]?.AsArray() ?? [])
                silent.Add((string)node!);
            after = (string?)page?["next"];
        }
        while (after is not null);
        return remote.Show(parse, all, console =>
        {
            var table = Tables.Of("id", "endpoint", "principal", "revision", "created", "last use", "subscriptions", "node", "stream");
            foreach (var session in all.OrderByDescending(session => (DateTimeOffset)session!["lastUse"]!))
            {
                table.AddRow(
                    Tables.Text(session!["id"]), Tables.Text(session["endpoint"]), Tables.Text(session["principal"]), Tables.Text(session["revision"]),
                    Tables.Time(session["createdAt"]), Tables.Time(session["lastUse"]), Tables.Text(session["subscriptions"]!.AsArray().Count),
                    session["owner"] is { } owner ? Tables.Node(owner) : "[grey]resting[/]", string.Join(", ", session["streams"]!.AsArray().Select(Tables.Node)));
            }

            console.Write(table);
            if (silent.Count > 0)
                console.MarkupLine($"[red]Not complete: {Markup.Escape(string.Join(", ", silent))} did not answer.[/]");
        });
    }

    private static Command End(RemoteCommands remote)
    {
        var id = new Argument<string>("ID") { Description = "The session, as 'sessions' shows it." };
        return remote.Handle(new Command("end", "End a session; its client hears 404 and opens another.") { id }, async (parse, client, cancel) =>
        {
            var answer = await client.SendAsync(HttpMethod.Delete, $"{Route}/{Uri.EscapeDataString(parse.GetValue(id)!)}", null, cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{answer?["id"]}: {answer?["result"]}"));
        });
    }
}
