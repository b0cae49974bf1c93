using System.Buffers;
using McpActors.Cluster.Nodes;

namespace McpActors.Gateway.Nodes;

/// <summary>Takes what a session says of a call to the node that carries the call: behind a load balancer a client's messages enter by any front.</summary>
internal sealed class SessionRelay(INodes nodes, NodeHttp http)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Asks one node after the other; false when none knows what it is about.</summary>
    public async Task<bool> SendAsync(string session, ReadOnlySequence<byte> message, CancellationToken ct)
    {
        if (nodes.Alone)
            return false;
        var body = message.ToArray();
        foreach (var node in nodes.Others)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(Patience);
            try
            {
                using var request = NodeHttp.Request(HttpMethod.Post, node, InternalPaths.Sessions + session);
                request.Content = new ByteArrayContent(body);
                using var response = await http.Invoker.SendAsync(request, limit.Token);
                if (response.IsSuccessStatusCode)
                    return true;
            }
            catch (Exception lost) when (lost is HttpRequestException || (lost is OperationCanceledException && !ct.IsCancellationRequested))
            {
                // A node on its way out carries nothing that could still be told; the next one may.
            }
        }

        return false;
    }
}
