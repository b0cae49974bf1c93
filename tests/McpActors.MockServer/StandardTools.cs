using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>The tools every mock server starts with. Each takes an optional <c>token</c>, which the ledger keeps.</summary>
internal static class StandardTools
{
    public static IEnumerable<MockTool> Create(MockOptions options, Ledger ledger, Action<int> crash)
    {
        yield return Tool("echo", "Answers with its message.", """{"message":{"type":"string"}}""", ReadOnly, call =>
            Done(ToolResults.Text(call.Text("message") ?? call.Arguments.ToJsonString())));
        yield return Tool("add", "Adds two numbers.", """{"a":{"type":"number"},"b":{"type":"number"}}""", ReadOnly, Add);
        yield return Tool("counter", "Counts up by one: an effect that must not happen twice.", "{}", Write, _ =>
            Done(ToolResults.Structured(new JsonObject { ["count"] = ledger.Increment() })));
        yield return Tool("slow", "Answers after ms milliseconds.", """{"ms":{"type":"integer"}}""", ReadOnly, async call =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(call.Int("ms", 1000)), options.Time, call.Cancellation);
            return ToolResults.Text("done");
        });
        yield return Tool("progress", "Reports progress n times, ms milliseconds apart.", """{"n":{"type":"integer"},"ms":{"type":"integer"}}""", ReadOnly, call =>
            ProgressAsync(call, options.Time));
        yield return Tool("big", "Answers with so many bytes of text.", """{"bytes":{"type":"integer"}}""", ReadOnly, call =>
            Done(ToolResults.Text(new string('x', call.Int("bytes", 1024)))));
        yield return Tool("fail", "Answers with isError.", "{}", ReadOnly, _ => Done(ToolResults.Text("this tool always fails", isError: true)));
        yield return Tool("crash", "Ends the server in the middle of the call.", """{"code":{"type":"integer"}}""", Write, async call =>
        {
            crash(call.Int("code", 1));
            await Task.Delay(Timeout.InfiniteTimeSpan, options.Time, call.Cancellation);
            return ToolResults.Text("unreachable");
        });
        yield return Tool("env", "Answers with the environment variables of the process.", "{}", ReadOnly, _ => Done(ToolResults.Structured(Environment())));
        yield return Tool("whoami", "Answers with process, session and revision of the call.", "{}", ReadOnly, call => Done(ToolResults.Structured(new JsonObject
        {
            ["name"] = options.Name,
            ["processId"] = System.Environment.ProcessId,
            ["session"] = call.Session,
            ["protocol"] = call.Version,
            ["workingDirectory"] = Directory.GetCurrentDirectory(),
        })));
        yield return Tool("log", "Sends a log message.", """{"level":{"type":"string"},"text":{"type":"string"}}""", ReadOnly, LogAsync);
        yield return Tool("region", "Takes an argument that travels as a header too.", """{"region":{"type":"string","x-mcp-header":"Region"}}""", ReadOnly, call =>
            Done(ToolResults.Text(call.Text("region") ?? "none")));
    }

    private const string ReadOnly = """{"readOnlyHint":true,"openWorldHint":false}""";
    private const string Write = """{"readOnlyHint":false,"destructiveHint":false,"idempotentHint":false}""";

    private static MockTool Tool(string name, string description, string properties, string annotations, Func<ToolCall, Task<JsonObject>> run)
    {
        var schema = JsonNode.Parse(properties)!.AsObject();
        schema["token"] = new JsonObject { ["type"] = "string", ["description"] = "Mark by which the ledger tells calls apart." };
        return new MockTool(
            name,
            new JsonObject
            {
                ["description"] = description,
                ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = schema },
                ["annotations"] = JsonNode.Parse(annotations),
            },
            run);
    }

    private static Task<JsonObject> Done(JsonObject result) => Task.FromResult(result);

    private static Task<JsonObject> Add(ToolCall call)
    {
        if (call.Arguments["a"] is not JsonValue a || call.Arguments["b"] is not JsonValue b || !a.TryGetValue<double>(out var left) || !b.TryGetValue<double>(out var right))
            return Done(ToolResults.Text("a and b must be numbers", isError: true));
        return Done(ToolResults.Text((left + right).ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<JsonObject> ProgressAsync(ToolCall call, TimeProvider time)
    {
        var steps = call.Int("n", 3);
        for (var step = 1; step <= steps; step++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(call.Int("ms", 0)), time, call.Cancellation);
            if (call.ProgressToken is not { } token)
                continue;
            await call.NotifyAsync("notifications/progress", new JsonObject
            {
                ["progressToken"] = token.DeepClone(),
                ["progress"] = step,
                ["total"] = steps,
                ["message"] = $"step {step}",
            });
        }

        return ToolResults.Text($"{steps} steps");
    }

    private static async Task<JsonObject> LogAsync(ToolCall call)
    {
        await call.NotifyAsync("notifications/message", new JsonObject
        {
            ["level"] = call.Text("level") ?? "info",
            ["logger"] = "mock",
            ["data"] = call.Text("text") ?? "logged",
        });
        return ToolResults.Text("logged");
    }

    private static JsonObject Environment()
    {
        var variables = new JsonObject();
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value;
        return variables;
    }
}
