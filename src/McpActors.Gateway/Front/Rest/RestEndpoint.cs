using System.Buffers;
using System.Text.Json;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Lifecycle;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Gateway.Front.Http;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Front.Security;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Rest;

/// <summary>
/// <c>POST /api/v1/servers/{id}/tools/{tool}</c>: tools for programs that are no MCP clients. The body is the arguments; it becomes a tool call like any
/// other, through the same scan and the same pipeline.
/// </summary>
internal sealed class RestEndpoint(FrontSettings settings, ICatalogue catalogue, IDrain drain, CallFactory calls, CallPipeline pipeline)
{
    private static ReadOnlySpan<byte> Head => """
        {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"
        """u8;

    private static ReadOnlySpan<byte> Client => """
        ","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"mcpactors-http","version":"1"}},"name":
        """u8;

    /// <summary>Answers the POST.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        using var ticket = drain.TryEnter();
        if (ticket is null)
        {
            await JsonBody.WriteProblemAsync(http.Response, GatewayErrors.NotTaken(drain));
            return;
        }

        var id = (string)http.Request.RouteValues["id"]!;
        var table = catalogue.Current;
        if (!table.TryFind(id, out var server))
        {
            await JsonBody.WriteProblemAsync(http.Response, GatewayErrors.UnknownServerId(id.Length > 64 ? id[..64] : id, table.Suggest(id)));
            return;
        }

        if (http.Request.ContentLength != 0 && !Accepts.IsJson(http.Request.ContentType))
        {
            await JsonBody.WriteProblemAsync(http.Response, GatewayErrors.Protocol(415, "The content type must be application/json."));
            return;
        }

        var tool = (string)http.Request.RouteValues["tool"]!;
        if (server.Tool(tool).Hidden)
            await JsonBody.WriteProblemAsync(http.Response, GatewayErrors.UnknownTool("tool", tool, id, null));
        else
            await CallAsync(http, server, tool);
    }

    private async Task CallAsync(HttpContext http, ServerModel server, string tool)
    {
        using var body = new PooledBuffer();
        var refusal = await ComposeAsync(http, tool, body);
        if (refusal is not null)
        {
            await JsonBody.WriteProblemAsync(http.Response, refusal);
            return;
        }

        var scan = JsonRpcScanner.Scan(body.Sequence, settings.RequestLimits);
        if (!scan.IsMessage || (!scan.Envelope.Params.Arguments.IsNone && !RawJson.IsObject(body.Sequence, scan.Envelope.Params.Arguments)))
        {
            var fault = scan.IsMessage ? GatewayErrors.InvalidRequest("the arguments must be one JSON object.") : GatewayErrors.From(scan.Fault);
            await JsonBody.WriteProblemAsync(http.Response, fault);
            return;
        }

        var message = new McpMessage(scan.Envelope, body.Sequence, new Caller(ProtocolRevision.NewestModern, Principal: http.Principal()));
        await pipeline.RunAsync(calls.Create(server, message, tool), new RestAnswer(http.Response, server.Id.Value, tool), http.RequestAborted);
    }

    /// <summary>Puts the message together. The arguments are scanned as a part of it: a body that closes the object early is no valid message.</summary>
    private async ValueTask<GatewayError?> ComposeAsync(HttpContext http, string tool, PooledBuffer body)
    {
        var reader = new BodyReader(http.Request.BodyReader);
        ReadOnlySequence<byte> arguments;
        try
        {
            arguments = await reader.ReadAsync(http.RequestAborted);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return GatewayErrors.TooLarge(settings.MaxRequestBytes);
        }

        try
        {
            // By itself first: only a whole value may be put into another.
            if (!arguments.IsEmpty && !IsOneObject(arguments))
                return GatewayErrors.Parse("expected one JSON object with the arguments of the tool.");
            Compose(body, tool, arguments);
            return null;
        }
        finally
        {
            reader.Release(arguments);
        }
    }

    private static void Compose(PooledBuffer body, string tool, in ReadOnlySequence<byte> arguments)
    {
        body.Write(Head);
        body.Write(System.Text.Encoding.UTF8.GetBytes(ProtocolRevision.NewestModern.Text));
        body.Write(Client);
        using (var json = new Utf8JsonWriter(body, JsonRpcWriter.Options))
            json.WriteStringValue(tool);
        body.Write(",\"arguments\":"u8);
        if (arguments.IsEmpty)
            body.Write("{}"u8);
        else
            body.Write(arguments);
        body.Write("}}"u8);
    }

    private bool IsOneObject(in ReadOnlySequence<byte> value)
    {
        var json = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = settings.RequestLimits.Depth });
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;
            json.Skip();
            return !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
