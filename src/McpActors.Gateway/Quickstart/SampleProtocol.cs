using System.Text.Json.Nodes;

namespace McpActors.Gateway.Quickstart;

/// <summary>The little of the protocol that the sample server speaks: 2026-07-28, and <c>initialize</c> of the revisions before it.</summary>
internal static class SampleProtocol
{
    private const string Modern = "2026-07-28";
    private const string MetaVersion = "io.modelcontextprotocol/protocolVersion";
    private const string MetaCapabilities = "io.modelcontextprotocol/clientCapabilities";

    private static readonly string[] s_legacy = ["2025-11-25", "2025-06-18", "2025-03-26"];

    /// <summary>Whether the request belongs to the stateless era.</summary>
    public static bool IsModern(JsonObject message, IHeaderDictionary headers) =>
        Meta(message)?[MetaVersion] is not null || headers["MCP-Protocol-Version"] == Modern || Text(message["method"]) == "server/discover";

    /// <summary>What a stateless request got wrong between its headers and its body; null if nothing.</summary>
    public static SampleFault? FindHeaderFault(JsonObject message, IHeaderDictionary headers)
    {
        var version = Text(Meta(message)?[MetaVersion]);
        if (version is null || Meta(message)?[MetaCapabilities] is not JsonObject)
            return new SampleFault(-32602, "_meta lacks protocolVersion or clientCapabilities");
        if (headers["MCP-Protocol-Version"] != version)
            return new SampleFault(-32020, "MCP-Protocol-Version is not the one in _meta");
        if (version != Modern)
        {
            var details = new JsonObject { ["supported"] = new JsonArray(Modern), ["requested"] = version };
            return new SampleFault(-32022, "Unsupported protocol version", details);
        }

        if (headers["Mcp-Method"] != Text(message["method"]))
            return new SampleFault(-32020, "Mcp-Method is not the method");
        var name = Text(message["method"]) == "tools/call" ? Text((message["params"] as JsonObject)?["name"]) : null;
        return name is null || headers["Mcp-Name"] == name ? null : new SampleFault(-32020, "Mcp-Name is not the name");
    }

    public static JsonObject Initialize(JsonObject parameters)
    {
        var asked = Text(parameters["protocolVersion"]);
        return new JsonObject
        {
            ["protocolVersion"] = s_legacy.Contains(asked) ? asked : s_legacy[0],
            ["capabilities"] = Capabilities(),
            ["serverInfo"] = Info(),
        };
    }

    public static JsonObject Discover() => new()
    {
        ["supportedVersions"] = new JsonArray(Modern),
        ["capabilities"] = Capabilities(),
        ["instructions"] = "A sample server. Call flaky with fail=true a few times and watch its circuit breaker open.",
    };

    /// <summary>Adds what every result of the stateless era carries.</summary>
    public static void Modernise(string method, JsonObject result)
    {
        result["resultType"] = "complete";
        result["_meta"] = new JsonObject { ["io.modelcontextprotocol/serverInfo"] = Info() };
        if (method == "tools/call")
            return;
        result["ttlMs"] = 60_000;
        result["cacheScope"] = "public";
    }

    public static JsonObject Error(JsonNode? id, int code, string message, JsonObject? details = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (details is not null)
            error["data"] = details;
        return new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["error"] = error };
    }

    /// <summary>A node as text, if it is one.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonObject? Meta(JsonObject message) => (message["params"] as JsonObject)?["_meta"] as JsonObject;

    private static JsonObject Info() => new() { ["name"] = "mcpactors-sample", ["version"] = "1.0.0" };

    private static JsonObject Capabilities() => new() { ["tools"] = new JsonObject() };
}

/// <summary>A refusal of the sample server.</summary>
internal sealed record SampleFault(int Code, string Message, JsonObject? Details = null);
