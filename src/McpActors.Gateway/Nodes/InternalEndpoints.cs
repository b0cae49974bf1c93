using System.Buffers;
using System.Globalization;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Overview;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Gateway.Front.Mcp;
using McpActors.Transports;
using McpActors.Transports.Remote;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace McpActors.Gateway.Nodes;

/// <summary>What a node does for other nodes over HTTP: it hands out parcels, lends its connections and gives back theirs, and carries calls to its processes.</summary>
internal sealed partial class InternalEndpoints(
    ConnectionRegistry connections, RemoteConnections remotes, Parcels parcels, SessionReplies replies, IOverviewDesk desk, ILogger<InternalEndpoints> log)
{
    /// <summary>A parcel's bytes.</summary>
    public async Task ParcelAsync(HttpContext context)
    {
        if (!TryReadId(context, out var key) || parcels.Find(key) is not { } bytes)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>A question about this node.</summary>
    public async Task OverviewAsync(HttpContext context)
    {
        using var body = await ReadAsync(context);
        var question = (string)context.Request.RouteValues["question"]!;
        if (await desk.AnswerAsync(question, body.Sequence.ToArray(), context.RequestAborted) is not { } answer)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.Headers[IOverviewDesk.ManifestHeader] = answer.Manifest;
        context.Response.ContentLength = answer.Bytes.Length;
        await context.Response.Body.WriteAsync(answer.Bytes, context.RequestAborted);
    }

    /// <summary>A loan of a connection.</summary>
    public async Task LoanAsync(HttpContext context)
    {
        if ((Find(context) as ILendable)?.Lend() is not { } loan)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await context.Response.WriteAsJsonAsync(LoanJson.From(loan), context.RequestAborted);
    }

    /// <summary>The owner of a connection wants it back.</summary>
    public async Task GiveBackAsync(HttpContext context) => context.Response.StatusCode =
        !TryReadId(context, out var id) ? StatusCodes.Status404NotFound
        : await remotes.TryGiveBackAsync(new ConnectionId(id)) ? StatusCodes.Status204NoContent
        : StatusCodes.Status409Conflict;

    /// <summary>A message to a server that is no request.</summary>
    public async Task MessageAsync(HttpContext context)
    {
        if (Find(context) is not { } connection)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var body = await ReadAsync(context);
        try
        {
            await connection.PostAsync(body.Sequence, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        catch (UpstreamException)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    /// <summary>What a client's session says of a call: it may be one that this node carries.</summary>
    public async Task SessionAsync(HttpContext context)
    {
        using var body = await ReadAsync(context);
        var scan = JsonRpcScanner.Scan(body.Sequence, JsonLimits.Upstream);
        var taken = scan.IsMessage && await replies.TryAsync((string)context.Request.RouteValues["id"]!, scan.Envelope, body.Sequence, context.RequestAborted);
        context.Response.StatusCode = taken ? StatusCodes.Status202Accepted : StatusCodes.Status404NotFound;
    }

    /// <summary>A call: its answer is streamed as it comes. The other node leaves by closing the stream.</summary>
    public async Task CallAsync(HttpContext context)
    {
        if (Find(context) is not { } connection || !long.TryParse(context.Request.Headers[RemoteConnection.IdHeader], CultureInfo.InvariantCulture, out var id))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // Its caller may be slow for as long as it likes; the deadline is the caller's.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        using var body = await ReadAsync(context);
        var method = context.Request.Headers[RemoteConnection.MethodHeader].ToString();
        var request = new UpstreamRequest { Body = body.Sequence, Id = id, Method = McpMethods.Find(method), CustomMethod = McpMethods.Find(method) == McpMethod.Unknown ? method : null };
        context.Response.ContentType = "application/octet-stream";
        try
        {
            await CarryAsync(context, connection, request);
        }
        catch (UpstreamException failure)
        {
            RemoteFrames.WriteFailure(context.Response.BodyWriter, failure);
        }
        catch (ObjectDisposedException)
        {
            // It was retired between the look-up and the send.
            var result = request.Sent ? AttemptResult.Reset : AttemptResult.SessionLost;
            RemoteFrames.WriteFailure(context.Response.BodyWriter, new UpstreamException(result, "the connection had just been replaced") { Sent = request.Sent });
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogLeft(id);
        }
    }

    private static async Task CarryAsync(HttpContext context, IUpstreamConnection connection, UpstreamRequest request)
    {
        var ct = context.RequestAborted;
        await using var exchange = await connection.SendAsync(request, ct);
        // The other node learns that the call left.
        await context.Response.StartAsync(ct);
        await context.Response.BodyWriter.FlushAsync(ct);
        while (true)
        {
            var message = await exchange.ReadAsync(ct);
            RemoteFrames.WriteHeader(context.Response.BodyWriter, RemoteFrameKind.Message, message.Body.Length);
            foreach (var segment in message.Body)
                await context.Response.BodyWriter.WriteAsync(segment, ct);
            if (message.Envelope.Kind is JsonRpcKind.Response or JsonRpcKind.ErrorResponse)
                return;
        }
    }

    private IUpstreamConnection? Find(HttpContext context) => TryReadId(context, out var id) ? connections.Find(new ConnectionId(id)) : null;

    private static bool TryReadId(HttpContext context, out long id) =>
        long.TryParse(context.Request.RouteValues["id"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    private static async Task<PooledBuffer> ReadAsync(HttpContext context)
    {
        var buffer = new PooledBuffer();
        try
        {
            while (await context.Request.Body.ReadAsync(buffer.GetMemory(), context.RequestAborted) is var read and > 0)
                buffer.Advance(read);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    [LoggerMessage(2301, LogLevel.Debug, "The node that had call {Id} carried here left it.")]
    private partial void LogLeft(long id);
}
