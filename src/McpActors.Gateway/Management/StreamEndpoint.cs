using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using McpActors.Cluster.Feed;
using McpActors.Cluster.Lifecycle;
using McpActors.Core.Protocol.Sse;

namespace McpActors.Gateway.Management;

/// <summary>
/// The live feed: every transition of the cluster as a server-sent event of its kind. With <c>Last-Event-ID</c> of this node it goes on after that one; what is no
/// longer kept, or was told by another node, is announced by an event <c>gap</c>, after which the state is to be read anew.
/// </summary>
internal sealed class StreamEndpoint(TransitionFeed feed, IDrain drain, TimeProvider time)
{
    private const int MostListeners = 100, AtOnce = 64;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private int _listeners;

    /// <summary>Streams until the client or the node leaves.</summary>
    public async Task<IResult> GetAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _listeners) > MostListeners)
        {
            Interlocked.Decrement(ref _listeners);
            return Answers.Refuse(StatusCodes.Status429TooManyRequests, "tooManyListeners", $"{MostListeners} listen to this node's feed already; take another node, or close one.");
        }

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Started);
        try
        {
            await StreamAsync(context, ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The stream simply ends; a client opens another, here or at another node.
        }
        finally
        {
            Interlocked.Decrement(ref _listeners);
        }

        return Results.Empty;
    }

    private async Task StreamAsync(HttpContext context, CancellationToken ct)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        var pipe = response.BodyWriter;
        pipe.Write("retry: 2000\n\n"u8);
        var place = Begin(context.Request.Headers["Last-Event-ID"].ToString(), pipe);
        await pipe.FlushAsync(ct);
        while (true)
        {
            var page = feed.Read(place, AtOnce);
            if (page.Missed > 0)
                WriteGap(pipe, $"{page.Missed} transitions came faster than you read, or are no longer kept.");
            foreach (var entry in page.Entries)
                Write(pipe, entry);
            place = page.Next;
            // Back-pressure: a slow reader keeps its place and nothing else.
            await pipe.FlushAsync(ct);
            if (page.Entries.Count < AtOnce)
                await WaitAsync(pipe, place, ct);
        }
    }

    private long Begin(string lastId, PipeWriter pipe)
    {
        if (lastId.Length == 0)
            return feed.End;
        if (feed.PlaceAfter(lastId) is { } place)
            return place;
        WriteGap(pipe, "Last-Event-ID is of another node, or of an earlier life of this one.");
        return feed.End;
    }

    private async Task WaitAsync(PipeWriter pipe, long place, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await feed.WhenMoreAsync(place).WaitAsync(KeepAlive, time, ct);
                return;
            }
            catch (TimeoutException)
            {
                SseWriter.WriteKeepAlive(pipe);
                await pipe.FlushAsync(ct);
            }
        }
    }

    private static void Write(PipeWriter pipe, FeedEntry entry)
    {
        var transition = entry.Transition;
        var view = new TransitionView(Views.Word(transition.Kind), transition.Subject, transition.What, transition.Text, transition.At, transition.Node);
        var data = JsonSerializer.SerializeToUtf8Bytes(view, ManagementJson.Options);
        SseWriter.Write(pipe, new ReadOnlySequence<byte>(data), Encoding.ASCII.GetBytes(entry.Id), Encoding.ASCII.GetBytes(view.Kind));
    }

    private static void WriteGap(PipeWriter pipe, string reason)
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(new GapView(reason + " Read the state anew: GET /api/v1/status."), ManagementJson.Options);
        SseWriter.Write(pipe, new ReadOnlySequence<byte>(data), name: "gap"u8);
    }
}
