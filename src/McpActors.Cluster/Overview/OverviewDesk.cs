using Akka.Actor;
using Google.Protobuf;
using static McpActors.Cluster.Overview.OverviewProtocol;
using WireFormat = McpActors.Cluster.Serialization.WireFormat;

namespace McpActors.Cluster.Overview;

/// <summary>An answer of this node to another one.</summary>
/// <param name="Manifest">How its bytes are to be read.</param>
/// <param name="Bytes">The answer.</param>
public sealed record OverviewAnswer(string Manifest, byte[] Bytes);

/// <summary>Answers what other nodes ask about this one. They ask over its internal listener, because a list may be larger than a message between actors.</summary>
public interface IOverviewDesk
{
    /// <summary>The name of the header with the manifest of an answer.</summary>
    const string ManifestHeader = "McpActors-Manifest";

    /// <summary>Path of the desk on the internal listener; the manifest of the question follows.</summary>
    const string Path = "internal/v1/overview/";

    /// <summary>The answer; null when this version does not know the question, or cannot answer it now.</summary>
    Task<OverviewAnswer?> AnswerAsync(string manifest, byte[] question, CancellationToken ct);
}

/// <summary>The desk of this node.</summary>
internal sealed class OverviewDesk(ServersDesk servers, SessionsDesk sessions, NodeDesk node) : IOverviewDesk
{
    public async Task<OverviewAnswer?> AnswerAsync(string manifest, byte[] question, CancellationToken ct)
    {
        if (!WireFormat.Current.Manifests.Contains(manifest) || !typeof(IOverviewQuestion).IsAssignableFrom(WireFormat.Current.For(manifest).Type))
            return null;
        try
        {
            var answer = await AnswerAsync((IOverviewQuestion)WireFormat.Current.For(manifest).Read(question), ct);
            var entry = WireFormat.Current.For(answer.GetType());
            return new OverviewAnswer(entry.Manifest, entry.Write(answer).ToByteArray());
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    /// <summary>The same for this node's own questions.</summary>
    public async Task<IOverviewReply> AnswerAsync(IOverviewQuestion question, CancellationToken ct) => question switch
    {
        GetServers get => await servers.AnswerAsync(get, ct),
        GetTools get => await servers.AnswerAsync(get, ct),
        GetSessions get => sessions.Answer(get),
        GetSessionId get => sessions.Answer(get),
        GetShards get => await node.AnswerAsync(get, ct),
        GetNode => node.Answer(servers.Count, sessions.Owned, sessions.Served),
        _ => throw new InvalidOperationException($"{question.GetType().Name} is no question about a node."),
    };
}
