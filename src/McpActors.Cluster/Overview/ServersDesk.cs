using System.Collections.Concurrent;
using Akka.Actor;
using McpActors.Cluster.Servers;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;
using static McpActors.Cluster.Overview.OverviewProtocol;

namespace McpActors.Cluster.Overview;

/// <summary>Tells how the servers are whose actors run on this node, and what those remember of them.</summary>
internal sealed class ServersDesk(LocalServers local)
{
    /// <summary>An actor that does not answer within this time is called silent: a list must not wait for one of many.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Server actors that serve here.</summary>
    public int Count => local.Serving.Count();

    public async Task<ServersHere> AnswerAsync(GetServers question, CancellationToken ct)
    {
        var (statuses, silent) = await AskAsync<ServerStatus>(question.Servers, server => new ServerProtocol.GetStatus(server), ct);
        return new ServersHere(statuses, silent);
    }

    public async Task<ToolsHere> AnswerAsync(GetTools question, CancellationToken ct)
    {
        var (replies, silent) = await AskAsync<ServerProtocol.CatalogueReply>(question.Servers, RememberedTools, ct);
        return new ToolsHere([.. replies.Select(KnownTools.Of)], silent);
    }

    /// <summary>Asks what its actor remembers of the tools of a server, and nobody else.</summary>
    public static ServerProtocol.GetCatalogue RememberedTools(ServerId server) =>
        new(server, ListKinds.Tools, DateTimeOffset.MaxValue) { Effort = ListEffort.Remember };

    private async Task<(IReadOnlyList<T> Answers, IReadOnlyList<ServerId> Silent)> AskAsync<T>(
        IReadOnlyList<ServerId> servers, Func<ServerId, IWithServerId> question, CancellationToken ct)
        where T : IServerReply
    {
        var answers = new ConcurrentBag<T>();
        var silent = new ConcurrentBag<ServerId>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        await Task.WhenAll(servers.Select(AskAsync));
        return ([.. answers], [.. silent]);

        async Task AskAsync(ServerId server)
        {
            if (!local.TryFind(server, out var actor))
                return;
            try
            {
                answers.Add((T)await LocalAsk.AskAsync((IInternalActorRef)actor, question(server), limit.Token));
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
