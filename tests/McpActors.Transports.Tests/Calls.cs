using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.MockServer;

namespace McpActors.Transports.Tests;

/// <summary>Calls through a connection, in its own era, read into trees for the assertions.</summary>
internal static class Calls
{
    public static UpstreamRequest Request(this IUpstreamConnection connection, string method, JsonObject? parameters = null, bool progress = false)
    {
        var id = connection.NextRequestId();
        parameters ??= [];
        var meta = new JsonObject();
        if (progress)
        {
            meta["progressToken"] = id;
        }

        if (connection.Peer.Revision.NeedsRequestMeta)
        {
            meta["io.modelcontextprotocol/protocolVersion"] = connection.Peer.Revision.Text;
            meta["io.modelcontextprotocol/clientCapabilities"] = new JsonObject();
        }

        if (meta.Count > 0)
        {
            parameters["_meta"] = meta;
        }

        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters };
        var known = McpMethods.Find(method);
        return new UpstreamRequest
        {
            Body = Bytes(message.ToJsonString()),
            Id = id,
            Method = known,
            CustomMethod = known == McpMethod.Unknown ? method : null,
            Name = (string?)(parameters["name"] ?? parameters["uri"]),
        };
    }

    public static UpstreamRequest ToolCall(this IUpstreamConnection connection, string tool, JsonObject? arguments = null, bool progress = false)
        => connection.Request("tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments ?? [] }, progress);

    /// <summary>A command to the mock server on stdio; it takes no <c>_meta</c>.</summary>
    public static UpstreamRequest ControlRequest(this IUpstreamConnection connection, string command, JsonObject parameters)
    {
        parameters["command"] = command;
        var id = connection.NextRequestId();
        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = ControlCommands.Method, ["params"] = parameters };
        return new UpstreamRequest { Body = Bytes(message.ToJsonString()), Id = id, Method = McpMethod.Unknown, CustomMethod = ControlCommands.Method };
    }

    /// <summary>Sends and reads to the response; what came before it goes into <paramref name="before"/>.</summary>
    public static async Task<JsonObject> RunAsync(this IUpstreamConnection connection, UpstreamRequest request, List<JsonObject>? before = null, CancellationToken ct = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Limits.Patience);
        await using var exchange = await connection.SendAsync(request, patience.Token);
        while (true)
        {
            var message = await exchange.ReadAsync(patience.Token);
            var json = JsonNode.Parse(message.Body.ToArray())!.AsObject();
            if (message.Envelope.Kind is JsonRpcKind.Response or JsonRpcKind.ErrorResponse)
            {
                ((long?)json["id"]).ShouldBe(request.Id);
                return json;
            }

            before?.Add(json);
        }
    }

    public static Task<JsonObject> CallAsync(this IUpstreamConnection connection, string tool, JsonObject? arguments = null)
        => connection.RunAsync(connection.ToolCall(tool, arguments));

    /// <summary>The text of a tool's result.</summary>
    public static string? Text(this JsonObject response) => (string?)response["result"]?["content"]?[0]?["text"];

    public static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    public static Task<UpstreamException> FailsAsync(this IUpstreamConnection connection, UpstreamRequest request)
        => Should.ThrowAsync<UpstreamException>(() => connection.RunAsync(request));
}
