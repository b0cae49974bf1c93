using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace McpActors.Gateway.Tests.Front;

/// <summary>What came back to one POST: the status, the headers, and the messages, from one JSON body or from an event stream.</summary>
internal sealed record McpReply(HttpStatusCode Status, HttpResponseHeaders Headers, string? ContentType, IReadOnlyList<JsonObject> Messages)
{
    /// <summary>The last message: the response.</summary>
    public JsonObject Response => Messages[^1];

    /// <summary>Its result.</summary>
    public JsonObject Result => Response["result"] as JsonObject ?? throw new InvalidOperationException($"{(int)Status}: {Response.ToJsonString()}");

    /// <summary>Its error.</summary>
    public JsonObject Error => Response["error"] as JsonObject ?? throw new InvalidOperationException($"{(int)Status}: {Response.ToJsonString()}");

    /// <summary>The text of the first content block.</summary>
    public string? Text => (string?)Result["content"]![0]!["text"];
}

/// <summary>A client of one revision that shows everything the wire shows; the real clients are used end to end.</summary>
internal sealed class McpClientDouble(HttpClient http, string path, string revision)
{
    public const string Modern = "2026-07-28";

    private int _lastId;

    /// <summary>The session, once opened.</summary>
    public string? Session { get; set; }

    public bool IsModern => revision == Modern;

    /// <summary>Opens the session, where the revision has one.</summary>
    public async Task<McpReply?> OpenAsync(JsonObject? capabilities = null)
    {
        if (IsModern)
            return null;
        var reply = await PostAsync(Request("initialize", new JsonObject
        {
            ["protocolVersion"] = revision,
            ["capabilities"] = capabilities ?? [],
            ["clientInfo"] = new JsonObject { ["name"] = "double", ["version"] = "1" },
        }));
        Session = reply.Headers.GetValues("Mcp-Session-Id").Single();
        await PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return reply;
    }

    /// <summary>Calls a tool.</summary>
    public Task<McpReply> CallAsync(string tool, JsonObject? arguments = null, JsonObject? meta = null)
    {
        var parameters = new JsonObject { ["name"] = tool, ["arguments"] = arguments ?? [] };
        if (meta is not null)
            parameters["_meta"] = meta;
        return RequestAsync("tools/call", parameters);
    }

    /// <summary>Sends a request.</summary>
    public Task<McpReply> RequestAsync(string method, JsonObject? parameters = null) => PostAsync(Request(method, parameters));

    /// <summary>The text of a request under a new id.</summary>
    public string Request(string method, JsonObject? parameters = null)
    {
        parameters ??= [];
        if (IsModern)
        {
            var meta = parameters["_meta"] as JsonObject ?? [];
            meta["io.modelcontextprotocol/protocolVersion"] = Modern;
            meta["io.modelcontextprotocol/clientCapabilities"] ??= new JsonObject();
            parameters["_meta"] = meta.Parent is null ? meta : meta.DeepClone();
        }

        return new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = Interlocked.Increment(ref _lastId),
            ["method"] = method,
            ["params"] = parameters,
        }.ToJsonString();
    }

    /// <summary>Posts text as it is.</summary>
    public async Task<McpReply> PostAsync(string body, Action<HttpRequestMessage>? change = null, CancellationToken ct = default)
    {
        using var request = Message(body);
        change?.Invoke(request);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        var type = response.Content.Headers.ContentType?.MediaType;
        return new McpReply(response.StatusCode, response.Headers, type, Messages(type, text));
    }

    /// <summary>The POST of a body, with the headers that the revision wants.</summary>
    public HttpRequestMessage Message(string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        if (Session is not null)
            request.Headers.Add("Mcp-Session-Id", Session);
        if (Session is not null || IsModern)
            request.Headers.Add("MCP-Protocol-Version", revision);
        if (IsModern)
            RepeatInHeaders(request, body);
        return request;
    }

    private static void RepeatInHeaders(HttpRequestMessage request, string body)
    {
        try
        {
            var message = JsonNode.Parse(body)!.AsObject();
            request.Headers.Add("Mcp-Method", (string)message["method"]!);
            if ((string?)(message["params"]?["name"] ?? message["params"]?["uri"]) is { } name)
                request.Headers.TryAddWithoutValidation("Mcp-Name", name);
        }
        catch (Exception broken) when (broken is System.Text.Json.JsonException or ArgumentException or InvalidOperationException or NullReferenceException)
        {
            // A test of broken bodies: there is nothing to repeat.
        }
    }

    /// <summary>The id of the last request.</summary>
    public string LastId => _lastId.ToString(CultureInfo.InvariantCulture);

    private static JsonObject[] Messages(string? type, string text)
    {
        if (text.Length == 0)
            return [];
        if (type != "text/event-stream")
            return JsonNode.Parse(text) is JsonArray batch ? [.. batch.Select(m => m!.DeepClone().AsObject())] : [JsonNode.Parse(text)!.AsObject()];
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(static e => e.Contains("data: "))
            .Select(static e => JsonNode.Parse(e[(e.IndexOf("data: ", StringComparison.Ordinal) + 6)..])!.AsObject())];
    }
}
