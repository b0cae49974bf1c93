using Akka.Actor;
using Akka.Cluster;
using Google.Protobuf;
using McpActors.Cluster.Nodes;
using WireFormat = McpActors.Cluster.Serialization.WireFormat;

namespace McpActors.Cluster.Overview;

/// <summary>Asks this node and the others the same question at the same time. Who does not answer in time is named, and nobody waits longer for it.</summary>
internal sealed class NodeQuestions(ActorSystem system, OverviewDesk desk, INodes nodes, NodeHttp http)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The answers with the addresses of their nodes, and the addresses of those that are silent.</summary>
    public async Task<(IReadOnlyList<(string Node, T Reply)> Replies, IReadOnlyList<string> Silent)> AskAsync<T>(IOverviewQuestion question, CancellationToken ct, string? role = null)
        where T : class, IOverviewReply
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var state = cluster.State;
        var asked = state.Members
            .Where(member => member.Status is not (MemberStatus.Removed or MemberStatus.Down) && (role is null || member.HasRole(role)))
            .Select(async member => (Member: member, Reply: await AskAsync<T>(member, question, cluster, state.Unreachable.Contains(member), ct)));
        var all = await Task.WhenAll(asked);
        return (
            [.. all.Where(answer => answer.Reply is not null).Select(answer => (answer.Member.Address.ToString(), answer.Reply!))],
            // One that only joins has nothing to tell yet.
            [.. all.Where(answer => answer.Reply is null && answer.Member.Status != MemberStatus.Joining).Select(answer => answer.Member.Address.ToString())]);
    }

    private async Task<T?> AskAsync<T>(Member member, IOverviewQuestion question, Akka.Cluster.Cluster cluster, bool unreachable, CancellationToken ct)
        where T : class, IOverviewReply
    {
        try
        {
            if (member.UniqueAddress.Equals(cluster.SelfUniqueAddress))
                return (T)await desk.AnswerAsync(question, ct);
            return !unreachable && nodes.Find(member.UniqueAddress.Uid) is { } card ? await AskAsync<T>(card, question, ct) : null;
        }
        catch (Exception fault) when (fault is AskTimeoutException or HttpRequestException or IOException or ArgumentException or InvalidProtocolBufferException
            || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private async Task<T?> AskAsync<T>(NodeCard node, IOverviewQuestion question, CancellationToken ct)
        where T : class, IOverviewReply
    {
        var entry = WireFormat.Current.For(question.GetType());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        using var request = NodeHttp.Request(HttpMethod.Post, node, IOverviewDesk.Path + entry.Manifest);
        request.Content = new ByteArrayContent(entry.Write(question).ToByteArray());
        using var response = await http.Invoker.SendAsync(request, limit.Token);
        if (!response.IsSuccessStatusCode || !response.Headers.TryGetValues(IOverviewDesk.ManifestHeader, out var manifest))
            return null;
        return WireFormat.Current.For(manifest.First()).Read(await response.Content.ReadAsByteArrayAsync(limit.Token)) as T;
    }
}
