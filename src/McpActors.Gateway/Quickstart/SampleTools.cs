using System.Globalization;
using System.Text.Json.Nodes;

namespace McpActors.Gateway.Quickstart;

/// <summary>The tools of the sample server.</summary>
internal sealed class SampleTools(TimeProvider time)
{
    private const string Definitions = """
        [
          {"name":"echo","description":"Answers with its message.",
           "inputSchema":{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]},
           "annotations":{"readOnlyHint":true,"openWorldHint":false}},
          {"name":"add","description":"Adds two numbers.",
           "inputSchema":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"]},
           "annotations":{"readOnlyHint":true,"openWorldHint":false}},
          {"name":"time","description":"Tells the time of the server, UTC.",
           "inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true,"openWorldHint":false}},
          {"name":"flaky","description":"Fails if told to: as an internal error, as HTTP 503, or by answering after 30 seconds.",
           "inputSchema":{"type":"object","properties":{
             "fail":{"type":"boolean","default":false},
             "how":{"type":"string","enum":["error","unavailable","slow"],"default":"error"}}},
           "annotations":{"readOnlyHint":true,"openWorldHint":false}}
        ]
        """;

    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(30);

    public static JsonNode List() => JsonNode.Parse(Definitions)!;

    public async Task<SampleOutcome> CallAsync(JsonObject parameters, CancellationToken cancellationToken)
    {
        var arguments = parameters["arguments"] as JsonObject ?? [];
        switch (SampleProtocol.Text(parameters["name"]))
        {
            case "echo":
                return Answer(SampleProtocol.Text(arguments["message"]) ?? "");
            case "add":
                return Add(arguments);
            case "time":
                return Answer(time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
            case "flaky":
                return await FlakyAsync(arguments, cancellationToken);
            case var other:
                return new SampleOutcome(Error: new SampleFault(-32602, $"Unknown tool: {other}"));
        }
    }

    private static SampleOutcome Add(JsonObject arguments) =>
        arguments["a"] is JsonValue a && arguments["b"] is JsonValue b && a.TryGetValue<double>(out var left) && b.TryGetValue<double>(out var right)
            ? Answer((left + right).ToString(CultureInfo.InvariantCulture))
            : Answer("a and b must be numbers", isError: true);

    private async Task<SampleOutcome> FlakyAsync(JsonObject arguments, CancellationToken cancellationToken)
    {
        if (arguments["fail"] is not JsonValue value || !value.TryGetValue<bool>(out var fail) || !fail)
            return Answer("all is well");
        switch (SampleProtocol.Text(arguments["how"]))
        {
            case "unavailable":
                return new SampleOutcome(Status: StatusCodes.Status503ServiceUnavailable);
            case "slow":
                await Task.Delay(s_slow, time, cancellationToken);
                return Answer("at last");
            default:
                return new SampleOutcome(Error: new SampleFault(-32603, "flaky failed as it was told"));
        }
    }

    private static SampleOutcome Answer(string text, bool isError = false)
    {
        var result = new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }) };
        if (isError)
            result["isError"] = true;
        return new SampleOutcome(result);
    }
}

/// <summary>What a tool came to: a result, a JSON-RPC error, or nothing but an HTTP status.</summary>
internal sealed record SampleOutcome(JsonObject? Result = null, SampleFault? Error = null, int? Status = null);
