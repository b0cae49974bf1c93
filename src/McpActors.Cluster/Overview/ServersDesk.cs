using System.Collections.Concurrent;
using Akka.Actor;
using McpActors.Cluster.Servers;
using McpActors.Core.Servers;
using static McpActors.Cluster.Overview.OverviewProtocol;

namespace McpActors.Cluster.Overview;

/// <summary>Tells how the servers are whose actors run on this node.</summary>
internal sealed class ServersDesk(LocalServers local)
{
    /// <summary>An actor that does not answer within this time is called silent: a list must not wait for one of many.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Server actors that serve here.</summary>
    public int Count => local.Serving.Count();

    public async Task<ServersHere> AnswerAsync(GetServers question, CancellationToken ct)
    {
        var statuses = new ConcurrentBag<ServerStatus>();
        var silent = new ConcurrentBag<ServerId>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        await Task.WhenAll(question.Servers.Select(AskAsync));
        return new ServersHere([.. statuses], [.. silent]);

        async Task AskAsync(ServerId server)
        {
            if (!local.TryFind(server, out var actor))
                return;
            try
            {
                statuses.Add((ServerStatus)await LocalAsk.AskAsync((IInternalActorRef)actor, new ServerProtocol.GetStatus(server), limit.Token));
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // Also one that stopped meanwhile; whoever asked finds its last state in the journal.
                if (local.TryFind(server, out _))
                    silent.Add(server);
            }
        }
    }
}
