using McpActors.Core.Configuration;
using McpActors.Gateway.Management;
using Spectre.Console;

namespace McpActors.Gateway.Hosting;

/// <summary>What a node prints once it serves: where it listens, its servers, and a line to paste into a client.</summary>
internal static class Banner
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, (ListenerOptions Front, ListenerOptions Management) listeners, IReadOnlyList<ServerRow> servers)
    {
        var (front, management) = (Listeners.UrlOf(listeners.Front), Listeners.UrlOf(listeners.Management));
        var asksForKey = listeners.Front.Auth.Mode == AuthMode.Keys;
        output.WriteLine();
        output.WriteLine($"MCP       {front}mcp            all servers as one, tools named server__tool");
        output.WriteLine($"          {front}mcp/{{server}}   one server, transparent");
        output.WriteLine($"Manage    {management}               mcpactors status | servers | tools | call | doctor");
        if (asksForKey || listeners.Management.Auth.Mode == AuthMode.Keys)
            output.WriteLine($"Keys      asked for by {(!asksForKey ? "management" : listeners.Management.Auth.Mode == AuthMode.Keys ? "both" : "MCP")}; mcpactors keys create NAME makes one");
        if (servers.Count > 0)
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
            var table = Cli.Tables.Of("server", "state", "transport", "");
            foreach (var server in servers)
                table.AddRow(Markup.Escape(server.Id), Cli.Tables.State(server.State), server.Transport, Markup.Escape(server.Reason ?? ""));
            console.Write(table);
        }

        // Not drawn by the console: a line to paste must not be broken.
        output.WriteLine($"Client    claude mcp add --transport http mcpactors {front}mcp{(asksForKey ? " --header 'Authorization: Bearer KEY'" : "")}");
        if (servers.Any(server => server.Id == "sample"))
            output.WriteLine($"Try       curl -s {front}api/v1/servers/sample/tools/echo -H 'content-type: application/json' -d '{{\"message\":\"hello\"}}'{(asksForKey ? " -H 'Authorization: Bearer KEY'" : "")}");
        output.WriteLine("Ctrl-C drains and stops.");
    }
}
