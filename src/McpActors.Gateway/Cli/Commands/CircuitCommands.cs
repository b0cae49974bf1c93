using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>circuit</c> and <c>cache</c>: what an operator does to one server.</summary>
internal static class CircuitCommands
{
    /// <summary>Forces, frees or resets a breaker.</summary>
    public static Command Circuit(RemoteCommands remote)
    {
        var id = new Argument<string>("ID") { Description = "The server." };
        var what = new Argument<string>("ACTION") { Description = "open and close force the circuit for a time, auto gives it back, reset closes it and empties its window." };
        what.AcceptOnlyFromAmong("open", "close", "auto", "reset");
        var reason = new Option<string?>("--reason") { Description = "Why; kept in the history." };
        var ttl = new Option<string?>("--ttl") { Description = "When a forced state ends by itself, such as 30m. Default: 1h." };
        var command = new Command("circuit", "Force, free or reset the circuit breaker of a server.") { id, what, reason, ttl };
        return remote.Handle(command, async (parse, client, cancel) =>
        {
            var path = $"/api/v1/servers/{Uri.EscapeDataString(parse.GetValue(id)!)}/circuit";
            var answer = parse.GetValue(what) is "reset"
                ? await client.SendAsync(HttpMethod.Post, path + "/reset", null, cancel)
                : await client.SendAsync(HttpMethod.Put, path, Body(parse.GetValue(what)!, parse.GetValue(reason), parse.GetValue(ttl)), cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{parse.GetValue(id)}: {answer?["result"]}"));
        });
    }

    /// <summary>Empties a cache.</summary>
    public static Command Cache(RemoteCommands remote)
    {
        var id = new Argument<string>("ID") { Description = "The server." };
        var clear = new Command("clear", "Drop every cached result of a server.") { id };
        remote.Handle(clear, async (parse, client, cancel) =>
        {
            var answer = await client.SendAsync(HttpMethod.Post, $"/api/v1/servers/{Uri.EscapeDataString(parse.GetValue(id)!)}/cache/clear", null, cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{parse.GetValue(id)}: {answer?["result"]}"));
        });
        return new Command("cache", "Act on the cache of a server.") { clear };
    }

    private static JsonObject Body(string action, string? reason, string? ttl)
    {
        var body = new JsonObject { ["mode"] = action switch { "open" => "forcedOpen", "close" => "forcedClosed", _ => "auto" } };
        if (reason is not null)
            body["reason"] = reason;
        if (ttl is not null)
            body["ttl"] = ttl;
        return body;
    }
}
