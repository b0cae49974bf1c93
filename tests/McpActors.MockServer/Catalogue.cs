using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>Resources, prompts and completions: fixed, and enough to see that they arrive.</summary>
internal static class Catalogue
{
    private static readonly string[] s_names = ["Ada", "Alan", "Barbara", "Grace"];

    public static JsonObject[] Resources() =>
    [
        new() { ["uri"] = "mock://text", ["name"] = "text", ["mimeType"] = "text/plain" },
        new() { ["uri"] = "mock://binary", ["name"] = "binary", ["mimeType"] = "application/octet-stream" },
    ];

    public static JsonObject[] Templates() =>
        [new() { ["uriTemplate"] = "mock://item/{id}", ["name"] = "item", ["mimeType"] = "text/plain" }];

    public static JsonObject[] Prompts() =>
    [
        new()
        {
            ["name"] = "greet",
            ["description"] = "Greets somebody.",
            ["arguments"] = new JsonArray(new JsonObject { ["name"] = "name", ["required"] = true }),
        },
    ];

    public static JsonObject Read(Request request)
    {
        var uri = (string?)request.Params["uri"] ?? throw new RpcException(-32602, "uri is missing");
        var content = uri switch
        {
            "mock://text" => new JsonObject { ["uri"] = uri, ["mimeType"] = "text/plain", ["text"] = "a text" },
            "mock://binary" => new JsonObject { ["uri"] = uri, ["mimeType"] = "application/octet-stream", ["blob"] = "AAEC/w==" },
            _ when uri.StartsWith("mock://item/", StringComparison.Ordinal) => new JsonObject { ["uri"] = uri, ["mimeType"] = "text/plain", ["text"] = $"item {uri[12..]}" },
            _ => throw new RpcException(request.Modern ? -32602 : -32002, "Resource not found", new JsonObject { ["uri"] = uri }),
        };
        return new JsonObject { ["contents"] = new JsonArray(content) };
    }

    public static JsonObject Prompt(Request request)
    {
        if ((string?)request.Params["name"] != "greet")
            throw new RpcException(-32602, $"Unknown prompt: {request.Params["name"]}");
        var name = (string?)request.Params["arguments"]?["name"] ?? throw new RpcException(-32602, "Argument name is missing");
        return new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonObject { ["type"] = "text", ["text"] = $"Say hello to {name}." },
            }),
        };
    }

    public static JsonObject Complete(Request request)
    {
        var typed = (string?)request.Params["argument"]?["value"] ?? "";
        var values = s_names.Where(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).Select(name => (JsonNode)name);
        return new JsonObject { ["completion"] = new JsonObject { ["values"] = new JsonArray([.. values]), ["hasMore"] = false } };
    }
}
