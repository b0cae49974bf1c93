using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>The checks of 2026-07-28 between the headers of a POST and its body.</summary>
internal static class ModernHeaders
{
    private const string Meta = "io.modelcontextprotocol/";

    /// <summary>Whether the caller speaks the stateless revision, or some revision after it.</summary>
    public static bool AreModern(IHeaderDictionary headers, JsonObject message) =>
        MetaOf(message)?[Meta + "protocolVersion"] is not null
        || string.CompareOrdinal(headers["MCP-Protocol-Version"].ToString(), Revisions.Modern) >= 0
        || (string?)message["method"] == "server/discover";

    /// <summary>What is wrong, as a JSON-RPC error; null if all is well.</summary>
    public static RpcException? Check(IHeaderDictionary headers, JsonObject message, MockTool? tool)
    {
        var version = (string?)MetaOf(message)?[Meta + "protocolVersion"];
        if (version is null || MetaOf(message)?[Meta + "clientCapabilities"] is not JsonObject)
            return new RpcException(-32602, "_meta must hold protocolVersion and clientCapabilities");
        if (headers["MCP-Protocol-Version"].ToString() != version)
            return new RpcException(-32020, "MCP-Protocol-Version differs from _meta");
        if (version != Revisions.Modern)
            return Unsupported(version);
        if (headers["Mcp-Method"].ToString() != (string?)message["method"])
            return new RpcException(-32020, "Mcp-Method differs from method");
        return CheckName(headers, message) ?? CheckParameters(headers, message, tool);
    }

    public static RpcException Unsupported(string version) => new(-32022, "Unsupported protocol version", new JsonObject
    {
        ["supported"] = new JsonArray(Revisions.Modern),
        ["requested"] = version,
    });

    /// <summary>HTTP status that goes with an error on this wire.</summary>
    public static int StatusOf(int code) => code switch
    {
        -32601 => StatusCodes.Status404NotFound,
        -32020 or -32021 or -32022 => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status200OK,
    };

    private static RpcException? CheckName(IHeaderDictionary headers, JsonObject message)
    {
        var name = (string?)message["method"] switch
        {
            "tools/call" or "prompts/get" => (string?)message["params"]?["name"],
            "resources/read" => (string?)message["params"]?["uri"],
            _ => null,
        };
        if (name is null)
            return null;
        return Decode(headers["Mcp-Name"].ToString()) == name ? null : new RpcException(-32020, "Mcp-Name differs from the body");
    }

    private static RpcException? CheckParameters(IHeaderDictionary headers, JsonObject message, MockTool? tool)
    {
        if (tool?.Definition["inputSchema"]?["properties"] is not JsonObject properties)
            return null;
        foreach (var (property, schema) in properties)
        {
            if ((string?)(schema as JsonObject)?["x-mcp-header"] is not { } header)
                continue;
            var argument = message["params"]?["arguments"]?[property];
            var sent = headers.TryGetValue($"Mcp-Param-{header}", out var value) ? Decode(value.ToString()) : null;
            if (sent != TextOf(argument))
                return new RpcException(-32020, $"Mcp-Param-{header} differs from argument {property}");
        }

        return null;
    }

    private static string? TextOf(JsonNode? argument) => argument switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value when value.TryGetValue<long>(out var number) => number.ToString(CultureInfo.InvariantCulture),
        _ => argument.ToJsonString(),
    };

    /// <summary>Undoes the base64 form of a header; null if it is broken.</summary>
    private static string? Decode(string value)
    {
        if (!value.StartsWith("=?base64?", StringComparison.Ordinal) || !value.EndsWith("?=", StringComparison.Ordinal))
            return value;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(value[9..^2]));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static JsonObject? MetaOf(JsonObject message) => message["params"]?["_meta"] as JsonObject;
}
