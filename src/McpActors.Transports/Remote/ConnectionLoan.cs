using McpActors.Core.Servers.Upstream;

namespace McpActors.Transports.Remote;

/// <summary>What another node needs to use a connection of this one.</summary>
/// <param name="Peer">What the server said of itself.</param>
/// <param name="SessionId">The legacy session over HTTP, if the server opened one.</param>
/// <param name="IsProcess">Whether it is a process of this node, which only this node can speak to.</param>
/// <param name="FirstId">The first of the request ids that are lent: within one session no id is used twice, whichever node asks.</param>
/// <param name="Ids">How many ids are lent.</param>
/// <param name="Url">HTTP: the address of the replica it is a connection to.</param>
public sealed record ConnectionLoan(PeerInfo Peer, string? SessionId, bool IsProcess, long FirstId, int Ids, Uri? Url = null)
{
    /// <summary>Ids lent at a time. Much less than 2^31, because some servers keep ids in 32 bits; who has used them up borrows anew.</summary>
    public const int UsualIds = 1 << 16;
}

/// <summary>A connection that other nodes may use.</summary>
public interface ILendable
{
    /// <summary>Lends it; null when it takes no new calls.</summary>
    ConnectionLoan? Lend();

    /// <summary>Its owner moves: a call that comes late is refused as not sent, those on it go on. Does nothing where all calls on it are seen here.</summary>
    void Retire();
}

/// <summary>A connection that was borrowed, and that its owner may want back.</summary>
public interface IBorrowed
{
    /// <summary>Gives it back unless calls are on it. From then on a call that comes late is refused as not sent.</summary>
    bool TryGiveBack();
}

/// <summary>The ids that were borrowed with a connection.</summary>
internal sealed class BorrowedIds(long first, int count)
{
    /// <summary>Calls that have looked at the connection already may still take ids; these are kept for them.</summary>
    private const int Spare = 1 << 10;

    private long _last = first - 1;

    /// <summary>Whether the connection must be borrowed anew.</summary>
    public bool AreUsedUp => Volatile.Read(ref _last) >= first + count - 1 - Spare;

    /// <summary>An id.</summary>
    public long Next() => Interlocked.Increment(ref _last);
}
