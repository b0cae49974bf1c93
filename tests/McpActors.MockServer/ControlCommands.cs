using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace McpActors.MockServer;

/// <summary>
/// The commands by which a program, not a test in the same process, changes a mock server: over HTTP as <c>POST /control/{command}</c>, on
/// stdio as the JSON-RPC method <c>mock/control</c>, and by a control file. The body is one object; besides <c>command</c> it holds:
/// <c>fault</c>: the members of <see cref="Fault"/>; <c>faults</c>: an array <c>faults</c>, which replaces all rules; <c>clear</c>: nothing;
/// <c>release</c>: <c>gate</c>; <c>forget</c>: nothing; <c>tool</c>: <c>name</c>, <c>description</c> or <c>remove</c>; <c>resource</c>: <c>uri</c>;
/// <c>refuse</c>: <c>ms</c>; <c>crash</c>: <c>code</c>; <c>stderr</c>: <c>text</c> or <c>bytes</c>; <c>stdout</c>: <c>text</c>;
/// <c>reset</c>, <c>ledger</c>: nothing. Every answer is the ledger.
/// </summary>
public static class ControlCommands
{
    /// <summary>JSON-RPC method of a command on stdio.</summary>
    public const string Method = "mock/control";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads rules as <c>--behaviour</c> and the command <c>faults</c> hold them.</summary>
    public static IReadOnlyList<Fault> ReadFaults(string json) => JsonSerializer.Deserialize<List<Fault>>(json, s_json) ?? [];

    internal static async Task<JsonObject> ApplyAsync(MockCore core, JsonObject command)
    {
        var name = (string?)command["command"] ?? "";
        command.Remove("command");
        switch (name)
        {
            case "fault":
                core.Behaviour.Add(command.Deserialize<Fault>(s_json)!);
                break;
            case "faults":
                core.Behaviour.Clear();
                foreach (var fault in ReadFaults(command["faults"]?.ToJsonString() ?? "[]"))
                    core.Behaviour.Add(fault);
                break;
            case "clear":
                core.Behaviour.Clear();
                break;
            case "release":
                core.Behaviour.Release((string?)command["gate"] ?? "gate");
                break;
            case "forget":
                core.Sessions.Forget();
                break;
            case "tool":
                ChangeTool(core.Tools, command);
                break;
            case "resource":
                core.Sessions.ResourceUpdated((string?)command["uri"] ?? "mock://text");
                break;
            case "reset":
                core.Ledger.Reset();
                break;
            case "ledger":
                break;
            default:
                await DisturbAsync(core, name, command);
                break;
        }

        return core.Ledger.ToJson();
    }

    private static async Task DisturbAsync(MockCore core, string name, JsonObject command)
    {
        switch (name)
        {
            case "refuse":
                await core.RefuseAsync(TimeSpan.FromMilliseconds((int?)command["ms"] ?? 1000));
                break;
            case "crash":
                core.Crash((int?)command["code"] ?? 1);
                break;
            case "stderr":
                await Console.Error.WriteLineAsync((string?)command["text"] ?? new string('e', (int?)command["bytes"] ?? 1));
                break;
            case "stdout":
                await core.WriteGarbageAsync((string?)command["text"] ?? "this line is no JSON");
                break;
            default:
                throw new ArgumentException($"Unknown command '{name}'.");
        }
    }

    private static void ChangeTool(ToolSet tools, JsonObject command)
    {
        if ((string?)command["remove"] is { } gone)
            tools.Remove(gone);
        else
            tools.Set((string?)command["name"] ?? "added", (string?)command["description"] ?? "A tool that was added later.");
    }
}
