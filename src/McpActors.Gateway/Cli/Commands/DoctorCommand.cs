using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>doctor</c>: what is wrong, and what to do about it.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create(RemoteCommands remote) =>
        remote.Handle(new Command("doctor", "Check the node and its servers, and say what to do about each fault."), async (parse, client, cancel) =>
        {
            var status = await client.GetAsync("/api/v1/status", cancel);
            var findings = new JsonArray();
            foreach (var check in status?["checks"]?.AsArray() ?? [])
            {
                if ((string?)check?["status"] != "ok")
                    findings.Add(Finding((string?)check?["name"], (string?)check?["reason"], "See the log of the node; it goes on without this part."));
            }

            foreach (var node in status?["nodes"]?.AsArray() ?? [])
                InspectNode(node, (string?)status?["node"], findings);
            // The status shows the first 500 only.
            foreach (var server in await client.ListAsync("/api/v1/servers", "servers", cancel))
                Inspect(server, findings);
            remote.Show(parse, new JsonObject { ["findings"] = findings }, console => Print(console, findings));
            return findings.Count == 0 ? CommandLine.Ok : CommandLine.Failed;
        });

    // What the node that answers knows of itself is told above.
    private static void InspectNode(JsonNode? node, string? self, JsonArray findings)
    {
        var name = (string?)node?["node"];
        switch ((string?)node?["state"])
        {
            case "unreachable":
                findings.Add(Finding(name, "the other nodes do not reach it", "If it does not come back it is given up by itself, if the cluster may; 'mcpactors members' shows how it goes on."));
                break;
            case "silent":
                findings.Add(Finding(name, "it does not answer for itself", "See its log; it may be busy or about to end."));
                break;
            case "degraded" or "failed" when name != self:
                foreach (var check in node?["checks"]?.AsArray() ?? [])
                {
                    if ((string?)check?["status"] != "ok")
                        findings.Add(Finding($"{name}, {check?["name"]}", (string?)check?["reason"], "See the log of that node; it goes on without this part."));
                }

                break;
            default:
                break;
        }
    }

    private static void Inspect(JsonNode? server, JsonArray findings)
    {
        var id = (string?)server?["id"];
        var reason = (string?)server?["reason"];
        if ((string?)server?["state"] is "unavailable")
            findings.Add(Finding(id, reason, $"'mcpactors servers {id}' shows its last errors; 'mcpactors servers restart {id}' tries again at once."));
        else if ((string?)server?["circuit"]?["state"] is "open")
            findings.Add(Finding(id, $"its circuit is open: {server?["circuit"]?["reason"]}", $"It is tried again by itself; 'mcpactors circuit {id} reset' closes it now."));
        else if ((string?)server?["state"] is "degraded")
            findings.Add(Finding(id, reason, $"'mcpactors servers {id} --events' shows its history."));
        else if ((string?)server?["health"]?["verdict"] is "unhealthy" or "degraded")
            findings.Add(Finding(id, $"it is {server?["health"]?["verdict"]}: {server?["health"]?["reason"]}", $"'mcpactors servers {id}' shows its last probe and errors."));
    }

    private static JsonObject Finding(string? part, string? fault, string advice) => new() { ["part"] = part, ["fault"] = fault, ["advice"] = advice };

    private static void Print(IAnsiConsole console, JsonArray findings)
    {
        if (findings.Count == 0)
        {
            console.MarkupLine("[green]Everything is well.[/]");
            return;
        }

        foreach (var finding in findings)
        {
            console.MarkupLine($"[red]{Tables.Text(finding?["part"])}[/]: {Tables.Text(finding?["fault"])}");
            console.MarkupLine($"  → {Tables.Text(finding?["advice"])}");
        }
    }
}
