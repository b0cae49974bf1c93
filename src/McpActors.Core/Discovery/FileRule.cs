using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Core.Discovery;

/// <summary>What becomes of a file that a node offers.</summary>
public enum FileVerdict
{
    /// <summary>It is the cluster's revision already.</summary>
    InForce,

    /// <summary>The cluster keeps another one; the node follows, and says that its file differs.</summary>
    Keep,

    /// <summary>It becomes the cluster's next revision.</summary>
    Apply,
}

/// <summary>
/// Whose file counts. What a node brings that it did not bring before is news and makes a revision; what it brings again is none, so that an old node which
/// crashes and starts again does not take the cluster back. A node never heard of could be either: a file that the cluster had once is none, any other is news.
/// An operator's order always counts.
/// </summary>
public static class FileRule
{
    /// <summary>Judges an offer.</summary>
    public static FileVerdict Judge(DiscoveryState state, ApplyFile offer)
    {
        if (offer.Hash == state.Hash || offer.Node.Length == 0)
            return FileVerdict.InForce;
        if (offer.Ordered)
            return FileVerdict.Apply;
        var isOld = state.Offers.TryGetValue(offer.Node, out var last) ? last.Hash == offer.Hash : state.Applied.Contains(offer.Hash);
        return isOld ? FileVerdict.Keep : FileVerdict.Apply;
    }
}
