using Akka.Actor;
using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Management;

/// <summary>
/// Answers requests that still wait when the node's actor system has ended: no actor will, and the process would stay for as long as the longest of them is patient.
/// </summary>
internal sealed class EndedNode
{
    private readonly RequestDelegate _next;
    private readonly CancellationToken _ended;

    /// <param name="next">What takes the request.</param>
    /// <param name="system">The node's actor system.</param>
    public EndedNode(RequestDelegate next, ActorSystem system)
    {
        _next = next;
        var ended = new CancellationTokenSource();
        _ended = ended.Token;
        _ = system.WhenTerminated.ContinueWith(_ => ended.Cancel(), TaskScheduler.Default);
    }

    /// <summary>Passes the request on; 503 when the node ended first.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var client = context.RequestAborted;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(client, _ended);
        context.RequestAborted = either.Token;
        try
        {
            await _next(context);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested && !client.IsCancellationRequested && !context.Response.HasStarted)
        {
            context.RequestAborted = client;
            await ProblemWriter.WriteAsync(context.Response, new Problem(
                StatusCodes.Status503ServiceUnavailable, "nodeStopping", "The node has stopped; whether an order to it is in force is not known. Ask another node, or this one when it is back."));
        }
        finally
        {
            context.RequestAborted = client;
        }
    }
}
