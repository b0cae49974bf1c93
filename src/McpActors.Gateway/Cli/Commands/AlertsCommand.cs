using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>alerts</c>: what is the matter, who was told, and what is over.</summary>
internal static class AlertsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(RemoteCommands remote)
    {
        var state = new Option<string?>("--state") { Description = "Only those that are firing, pending, raised (no rule asks for them) or resolved." };
        state.AcceptOnlyFromAmong("firing", "pending", "raised", "resolved");
        var command = new Command("alerts", "Show what is the matter, who was told of it, and what is over.") { state };
        return remote.Handle(command, async (parse, client, cancel) =>
        {
            var all = new JsonArray();
            string? after = null;
            do
            {
                var page = await client.GetAsync(
                    "/api/v1/alerts?limit=200" + Query("state", parse.GetValue(state)) + Query("after", after), cancel);
                foreach (var alert in page?["alerts"]?.AsArray() ?? [])
                    all.Add(alert!.DeepClone());
                after = (string?)page?["next"];
            }
            while (after is not null);
            return remote.Show(parse, all, console =>
            {
                if (all.Count == 0)
                {
                    console.WriteLine("Nothing is the matter.");
                    return;
                }

                var table = Tables.Of("state", "event", "subject", "since", "rule", "told", "text");
                foreach (var alert in all)
                {
                    table.AddRow(
                        Tables.State(alert?["state"]), Tables.Text(alert?["event"]), Tables.Text(alert?["subject"]), Tables.Text(alert?["since"]), Tables.Text(alert?["rule"]),
                        Tables.Text(alert?["fault"] ?? alert?["deliveredAt"]), Tables.Text(alert?["text"]));
                }

                console.Write(table);
            });
        });
    }

    private static string Query(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
