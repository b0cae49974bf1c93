using System.Buffers;
using McpActors.Cluster.Lifecycle;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Gateway.Front.Http;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>
/// A POSTed message: checks what can be checked without the body, reads the body once, scans it once, and tells the era of the caller.
/// What the scan saw is what is routed, checked and forwarded.
/// </summary>
internal sealed class PostHandler(FrontSettings settings, IDrain drain, ModernPost modern, LegacyPost legacy)
{
    /// <summary>Answers the POST.</summary>
    public async Task HandleAsync(HttpContext http, IMcpRoute route)
    {
        using var ticket = drain.TryEnter();
        if (ticket is null)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.NotTaken(drain));
            return;
        }

        if (RefusedByHeaders(http.Request) is { } refused)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, refused);
            return;
        }

        var reader = new BodyReader(http.Request.BodyReader);
        ReadOnlySequence<byte> body;
        try
        {
            body = await reader.ReadAsync(http.RequestAborted);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.TooLarge(settings.MaxRequestBytes));
            return;
        }

        var envelope = Envelopes.Rent();
        try
        {
            await ScannedAsync(http, route, body, envelope);
        }
        finally
        {
            Envelopes.Return(envelope);
            reader.Release(body);
        }
    }

    private ValueTask ScannedAsync(HttpContext http, IMcpRoute route, ReadOnlySequence<byte> body, JsonRpcEnvelope envelope)
    {
        if (body.Length > settings.MaxRequestBytes)
            return JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.TooLarge(settings.MaxRequestBytes));
        var scan = JsonRpcScanner.Scan(body, settings.RequestLimits, envelope);
        switch (scan.Kind)
        {
            case JsonRpcScanKind.Message:
                return IsModern(http.Request, envelope)
                    ? modern.HandleAsync(http, route, body, envelope)
                    : legacy.HandleAsync(http, route, body, envelope);
            case JsonRpcScanKind.Batch:
                return legacy.BatchAsync(http, route, body);
            default:
                var id = scan.FaultId.IsNone ? default : scan.FaultId.In(body);
                return JsonBody.WriteErrorAsync(http.Response, id, GatewayErrors.From(scan.Fault));
        }
    }

    private static GatewayError? RefusedByHeaders(HttpRequest request)
    {
        if (!Accepts.IsJson(request.ContentType))
            return GatewayErrors.Protocol(415, "The content type must be application/json.");
        // Clients of the older revisions that name no shape at all take any.
        return request.Headers.Accept.Count == 0 && !IsModernVersion(request.Headers[McpHeaders.ProtocolVersion])
            || Accepts.JsonAndEvents(request.Headers.Accept)
            ? null
            : GatewayErrors.Protocol(406, "Accept must name application/json and text/event-stream.");
    }

    /// <summary>
    /// A message that states a version in its <c>_meta</c>, or a request whose header names a stateless revision, or one that nobody knows and
    /// that has no session: all these expect the answers of the newest revision.
    /// </summary>
    private static bool IsModern(HttpRequest request, JsonRpcEnvelope envelope)
    {
        if (!envelope.Meta.ProtocolVersion.IsNone)
            return true;
        var header = request.Headers[McpHeaders.ProtocolVersion];
        if (header.Count == 0 || envelope.Method == McpMethod.Initialize)
            return IsModernVersion(header);
        return !ProtocolRevision.TryParse(header, out var revision)
            ? !request.Headers.ContainsKey(McpHeaders.SessionId)
            : revision.IsModern;
    }

    private static bool IsModernVersion(string? header) => ProtocolRevision.TryParse(header, out var revision) && revision.IsModern;
}
