using Akka.Actor;

namespace McpActors.Cluster.Nodes;

/// <summary>What a node tells the other members of itself.</summary>
/// <param name="Node">The life of the node: the uid of its member, another one after each start.</param>
/// <param name="Internal">Base of its internal listener.</param>
/// <param name="Token">Admits the other nodes to it; it travels between members alone and is new with each life.</param>
public sealed record NodeCard(int Node, Uri Internal, string Token);

/// <summary>Asks a node for its <see cref="NodeCard"/>; it answers once its internal listener is open.</summary>
internal sealed record GetCard;

/// <summary>A life of a node is over. Published on the event stream of each other node.</summary>
/// <param name="Node">Which.</param>
internal sealed record NodeGone(int Node) : INoSerializationVerificationNeeded;

/// <summary>The members of the cluster, as far as their HTTP is concerned. Thread-safe.</summary>
public interface INodes
{
    /// <summary>The life of this node; 0 before its actor system has started.</summary>
    int Self { get; }

    /// <summary>Whether there is no other member.</summary>
    bool Alone { get; }

    /// <summary>What the other nodes present to this one's internal listener.</summary>
    string Token { get; }

    /// <summary>Completes with the next life that is over.</summary>
    Task<int> NextLoss { get; }

    /// <summary>The other nodes that have told of themselves.</summary>
    IEnumerable<NodeCard> Others { get; }

    /// <summary>Whether this life of another node is over, as far as this one was there to see it.</summary>
    bool IsGone(int node);

    /// <summary>Fires when this life of another node is over, for whoever waits for something of it. Has fired for one that is no member.</summary>
    CancellationToken EndOf(int node);

    /// <summary>Another node; null when it is no member, or has not told of itself yet.</summary>
    NodeCard? Find(int node);

    /// <summary>Makes the address of this node's internal listener known to the others.</summary>
    void Announce(Uri address);
}
