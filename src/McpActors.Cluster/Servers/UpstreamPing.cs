using System.Diagnostics;
using Akka.Actor;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;

namespace McpActors.Cluster.Servers;

/// <summary>Asks a server for a sign of life in the words of its era: <c>ping</c> in a session, <c>server/discover</c> where there are none.</summary>
internal static class UpstreamPing
{
    /// <summary>Asks; the result is never an exception.</summary>
    public static async Task<Pinged> SendAsync(IUpstreamConnection? connection, ServerEffect.Ping effect, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        if (connection is null)
        {
            return Ended(AttemptResult.Cancelled, sent: false, "the connection had gone");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(effect.Timeout);
        try
        {
            var method = connection.Peer.Revision.IsModern ? McpMethod.ServerDiscover : McpMethod.Ping;
            await OwnRequests.AskAsync(connection, method, cursor: null, limit.Token);
            return Ended(AttemptResult.Success, sent: true, null);
        }
        catch (RequestRefusedException e)
        {
            // Also a server that knows no ping lives.
            return Ended(e.Code == McpErrorCodes.InternalError ? AttemptResult.InternalError : AttemptResult.ProtocolError, sent: true, e.Message);
        }
        catch (UpstreamException e)
        {
            return new Pinged(effect.Connection, e.ToOutcome(Stopwatch.GetElapsedTime(start)), e.Message);
        }
        catch (OperationCanceledException)
        {
            return ct.IsCancellationRequested
                ? Ended(AttemptResult.Cancelled, sent: true, "stopped")
                : Ended(AttemptResult.Timeout, sent: true, FormattableString.Invariant($"no answer to a probe within {effect.Timeout.TotalSeconds:0.#} s"));
        }
        catch (Exception e)
        {
            // A defect must not leave a probe without an end; it shows as a failed one.
            return Ended(AttemptResult.Malformed, sent: true, $"internal fault: {e.GetType().Name}");
        }

        Pinged Ended(AttemptResult result, bool sent, string? text) =>
            new(effect.Connection, new AttemptOutcome(result, sent, FirstByte: false, Stopwatch.GetElapsedTime(start)), text);
    }

    /// <summary>The end of a probe over an open connection.</summary>
    internal sealed record Pinged(ConnectionId Connection, AttemptOutcome Outcome, string? Text) : INoSerializationVerificationNeeded;
}
