using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>probe</c>: a health check for whoever supervises the process; needs no key, and no other program in a container.</summary>
internal static class ProbeCommand
{
    /// <summary>The command.</summary>
    public static Command Create(RemoteCommands remote)
    {
        var ready = new Option<bool>("--ready") { Description = "Ask whether the node takes calls, not only whether it lives." };
        return remote.Handle(new Command("probe", "Ask a node whether it lives; exit code 0 if it does. Needs no key.") { ready }, async (parse, client, cancel) =>
        {
            var answer = await client.GetAsync(parse.GetValue(ready) ? "/healthz/ready" : "/healthz/live", cancel);
            remote.Show(parse, answer, console => console.WriteLine($"{answer?["status"]}{Reasons(answer)}"));
            return (string?)answer?["status"] == "failed" ? CommandLine.Failed : CommandLine.Ok;
        });
    }

    private static string Reasons(JsonNode? answer)
    {
        var reasons = (answer?["checks"]?.AsArray() ?? []).Select(check => (string?)check?["reason"]).OfType<string>().ToList();
        return reasons.Count == 0 ? "" : ": " + string.Join(' ', reasons);
    }
}
