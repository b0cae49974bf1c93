using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>One request on its way through the server.</summary>
/// <param name="Message">The JSON-RPC request.</param>
/// <param name="Version">Revision it came in.</param>
/// <param name="Session">Legacy session, if there is one.</param>
/// <param name="SendAsync">Sends a message to the caller before the result.</param>
/// <param name="Cancellation">Ends when the caller cancels.</param>
internal sealed record Request(
    JsonObject Message,
    string Version,
    MockSession? Session,
    Func<JsonObject, Task> SendAsync,
    CancellationToken Cancellation)
{
    public string Method => (string?)Message["method"] ?? "";

    public JsonObject Params => Message["params"] as JsonObject ?? [];

    public bool Modern => Version == Revisions.Modern;
}

/// <summary>A JSON-RPC error as an exception.</summary>
internal sealed class RpcException(int code, string message, JsonObject? data = null) : Exception(message)
{
    public int Code => code;

    public JsonObject? ErrorData => data;
}

/// <summary>The MCP methods themselves, the same for every transport.</summary>
internal sealed class Dispatcher(MockOptions options, ToolSet tools, Ledger ledger, Sessions sessions)
{
    private const string MetaServerInfo = "io.modelcontextprotocol/serverInfo";

    private static readonly string[] s_cacheable =
        ["server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read"];

    public static JsonObject Error(JsonNode? id, int code, string message, JsonObject? data = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (data is not null)
            error["data"] = data;
        return new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["error"] = error };
    }

    /// <summary>Answers one request; errors become JSON-RPC errors.</summary>
    public async Task<JsonObject> HandleAsync(Request request)
    {
        var id = request.Message["id"];
        try
        {
            var result = await DispatchAsync(request);
            if (request.Modern)
                Modernise(request.Method, result);
            return new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["result"] = result };
        }
        catch (RpcException refused)
        {
            return Error(id, refused.Code, refused.Message, refused.ErrorData);
        }
    }

    /// <summary>Whether the method exists in the revision.</summary>
    public static bool Knows(string method, bool modern) => method switch
    {
        "server/discover" or "subscriptions/listen" => modern,
        "initialize" or "ping" or "logging/setLevel" or "resources/subscribe" or "resources/unsubscribe" => !modern,
        "tools/list" or "tools/call" or "resources/list" or "resources/read" or "resources/templates/list" or "prompts/list" or "prompts/get" or "completion/complete" => true,
        _ => false,
    };

    private Task<JsonObject> DispatchAsync(Request request)
    {
        if (!Knows(request.Method, request.Modern))
            throw new RpcException(-32601, $"Method not found: {request.Method}");
        return request.Method switch
        {
            "tools/call" => CallAsync(request),
            "initialize" => Task.FromResult(Initialize(request)),
            _ => Task.FromResult(Answer(request)),
        };
    }

    private JsonObject Answer(Request request) => request.Method switch
    {
        "server/discover" => Discover(),
        "ping" or "logging/setLevel" => [],
        "tools/list" => Page(request, "tools", [.. tools.All.Select(tool => tool.ToJson())]),
        "resources/list" => Page(request, "resources", Catalogue.Resources()),
        "resources/templates/list" => Page(request, "resourceTemplates", Catalogue.Templates()),
        "resources/read" => Catalogue.Read(request),
        "resources/subscribe" => Subscribe(request, true),
        "resources/unsubscribe" => Subscribe(request, false),
        "prompts/list" => Page(request, "prompts", Catalogue.Prompts()),
        "prompts/get" => Catalogue.Prompt(request),
        _ => Catalogue.Complete(request),
    };

    private JsonObject Initialize(Request request) => new()
    {
        ["protocolVersion"] = request.Version,
        ["capabilities"] = Capabilities(modern: false),
        ["serverInfo"] = ServerInfo(),
        ["instructions"] = $"A mock server named {options.Name}.",
    };

    private JsonObject Discover() => new()
    {
        ["supportedVersions"] = new JsonArray(Revisions.Modern),
        ["capabilities"] = Capabilities(modern: true),
        ["instructions"] = $"A mock server named {options.Name}.",
    };

    private JsonObject ServerInfo() => new() { ["name"] = options.Name, ["version"] = "1.0.0" };

    private static JsonObject Capabilities(bool modern)
    {
        var capabilities = new JsonObject
        {
            ["tools"] = new JsonObject { ["listChanged"] = true },
            ["resources"] = new JsonObject { ["subscribe"] = true, ["listChanged"] = true },
            ["prompts"] = new JsonObject { ["listChanged"] = true },
            ["completions"] = new JsonObject(),
        };
        if (!modern)
            capabilities["logging"] = new JsonObject();
        return capabilities;
    }

    private async Task<JsonObject> CallAsync(Request request)
    {
        var name = (string?)request.Params["name"] ?? "";
        var tool = tools.Find(name) ?? throw new RpcException(-32602, $"Unknown tool: {name}");
        var arguments = request.Params["arguments"] as JsonObject ?? [];
        var call = new ToolCall(
            arguments,
            request.Version,
            request.Session?.Id,
            (method, parameters) => NotifyAsync(request, method, parameters),
            (request.Params["_meta"] as JsonObject)?["progressToken"],
            request.Cancellation);
        ledger.Executing(name, call.Text("token"), call.Session);
        try
        {
            return await tool.RunAsync(call);
        }
        finally
        {
            ledger.Executed(request.Cancellation.IsCancellationRequested);
        }
    }

    private static Task NotifyAsync(Request request, string method, JsonObject parameters)
    {
        // The stateless revision sends log messages only to a request that names a level.
        if (request.Modern && method == "notifications/message" && request.Params["_meta"]?["io.modelcontextprotocol/logLevel"] is null)
            return Task.CompletedTask;
        return request.SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters });
    }

    private JsonObject Subscribe(Request request, bool on)
    {
        var uri = (string?)request.Params["uri"] ?? throw new RpcException(-32602, "uri is missing");
        if (request.Session is not { } session || sessions.Find(session.Id) is null)
            return [];
        if (on)
            session.Subscriptions[uri] = 0;
        else
            session.Subscriptions.TryRemove(uri, out _);
        return [];
    }

    private JsonObject Page(Request request, string member, IReadOnlyList<JsonObject> all)
    {
        var from = 0;
        if (request.Params["cursor"] is { } cursor && (!int.TryParse((string?)cursor, out from) || from < 0 || from > all.Count))
            throw new RpcException(-32602, "Unknown cursor");
        var size = options.PageSize ?? all.Count;
        var result = new JsonObject { [member] = new JsonArray([.. all.Skip(from).Take(size)]) };
        if (from + size < all.Count)
            result["nextCursor"] = $"{from + size}";
        return result;
    }

    private void Modernise(string method, JsonObject result)
    {
        result["resultType"] ??= "complete";
        var meta = result["_meta"] as JsonObject ?? [];
        meta[MetaServerInfo] = ServerInfo();
        result["_meta"] = meta;
        if (!s_cacheable.Contains(method))
            return;
        result["ttlMs"] = options.TtlMs;
        result["cacheScope"] = options.CacheScope;
    }
}
