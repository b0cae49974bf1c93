using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using McpActors.Core.Security.Keys;
using Spectre.Console;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>keys</c>: API keys are listed, made and revoked.</summary>
internal static class KeyCommands
{
    private const string Route = "/api/v1/keys";

    /// <summary>The command with its children.</summary>
    public static Command Create(RemoteCommands remote)
    {
        var command = new Command("keys", "List, create and revoke API keys.")
        {
            remote.Handle(new Command("list", "List the API keys, without their texts."), (parse, client, cancel) => ListAsync(remote, parse, client, cancel)),
            Make(remote),
            Revoke(remote),
        };
        return command;
    }

    private static async Task<int> ListAsync(RemoteCommands remote, ParseResult parse, ManagementClient client, CancellationToken cancel)
    {
        var all = await client.ListAsync(Route, "keys", cancel);
        return remote.Show(parse, all, console =>
        {
            var table = Tables.Of("id", "name", "scopes", "created", "by", "expires");
            foreach (var key in all)
                table.AddRow(Tables.Text(key?["id"]), Tables.Text(key?["name"]), Tables.Text(key?["scopes"]), Tables.Text(key?["createdAt"]), Tables.Text(key?["createdBy"]), Tables.Text(key?["expiresAt"]));
            console.Write(table);
        });
    }

    private static Command Make(RemoteCommands remote)
    {
        var name = new Argument<string?>("NAME") { Description = "Who or what uses the key.", Arity = ArgumentArity.ZeroOrOne };
        var scopes = new Option<string>("--scopes") { Description = "read, call, operate, separated by commas.", DefaultValueFactory = _ => "read,call" };
        var ttl = new Option<string?>("--ttl") { Description = "After which time it ends by itself, such as 90d. Default: never." };
        var offline = new Option<bool>("--offline") { Description = "Only print a fresh key, without a node: for bootstrapKey in the configuration." };
        var file = new Option<string?>("--out") { Description = "Write the key to this file, which its owner and group may read, and print nothing. Does nothing if the file is there." };
        var command = new Command("create", "Create an API key and print it: it is shown this once.") { name, scopes, ttl, offline, file };
        return remote.Handle(command, async (parse, client, cancel) =>
        {
            if (parse.GetValue(file) is { } kept && File.Exists(kept))
            {
                remote.Output.WriteLine($"{kept} is there; no key was made.");
                return CommandLine.Ok;
            }

            if (parse.GetValue(offline))
            {
                var text = KeyText.Write(RandomNumberGenerator.GetBytes(32));
                return parse.GetValue(file) is { } target
                    ? Keep(remote, target, text)
                    : remote.Show(parse, new JsonObject { ["key"] = text }, console => remote.Output.WriteLine(text));
            }

            var order = new JsonObject
            {
                ["name"] = parse.GetValue(name) ?? throw new CliException("NAME is missing: say who or what uses the key.", CommandLine.Usage),
                ["scopes"] = new JsonArray([.. parse.GetValue(scopes)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(scope => (JsonNode)scope)]),
            };
            if (parse.GetValue(ttl) is { } time)
                order["ttl"] = time;
            var answer = await client.SendAsync(HttpMethod.Post, Route, order, cancel);
            if (parse.GetValue(file) is { } place)
                return Keep(remote, place, (string?)answer?["key"] ?? throw new CliException("The node answered without a key."));
            return remote.Show(parse, answer, _ =>
            {
                // Not drawn by the console: a key that is broken into lines is no key.
                remote.Output.WriteLine((string?)answer?["key"]);
                remote.Error.WriteLine($"Key {answer?["id"]} for {answer?["name"]} ({string.Join(", ", answer?["scopes"]?.AsArray() ?? [])}). It is not shown again.");
            });
        });
    }

    private static int Keep(RemoteCommands remote, string file, string key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        try
        {
            using var writer = new StreamWriter(file, options);
            writer.WriteLine(key);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"--out: the key cannot be kept: {fault.Message}");
        }

        remote.Output.WriteLine($"The key is in {file}.");
        return CommandLine.Ok;
    }

    private static Command Revoke(RemoteCommands remote)
    {
        var id = new Argument<string>("ID") { Description = "The key's id, as 'keys list' shows it." };
        return remote.Handle(new Command("revoke", "End an API key, in every node within 5 s.") { id }, async (parse, client, cancel) =>
        {
            var answer = await client.SendAsync(HttpMethod.Delete, $"{Route}/{Uri.EscapeDataString(parse.GetValue(id)!)}", null, cancel);
            return remote.Show(parse, answer, console => console.WriteLine($"{parse.GetValue(id)}: {answer?["result"]}"));
        });
    }
}
