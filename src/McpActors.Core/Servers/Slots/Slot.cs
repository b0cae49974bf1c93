using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Slots;

/// <summary>Where a slot is.</summary>
internal enum SlotPhase
{
    /// <summary>No connection, and nobody asked for one.</summary>
    Vacant,

    /// <summary>A connection is being opened.</summary>
    Connecting,

    /// <summary>Calls may use it.</summary>
    Ready,

    /// <summary>The last connection failed; the next attempt waits.</summary>
    BackingOff,
}

/// <summary>
/// The upstream session or process that a set of callers shares, over all its incarnations: at most one connection at a time is the current one.
/// Vacant → Connecting → Ready → Vacant; Connecting or Ready → BackingOff → Connecting.
/// </summary>
internal sealed class Slot(SlotKey key, int endpoint)
{
    internal SlotKey Key { get; } = key;

    /// <summary>The replica where it lives, fixed for a shared one; a slot of a session or principal is given another when it can no longer be opened there.</summary>
    internal int Endpoint { get; private set; } = endpoint;

    internal SlotPhase Phase { get; private set; }

    internal DateTimeOffset Since { get; private set; }

    /// <summary>The current connection; null while vacant or backing off.</summary>
    internal Link? Current { get; private set; }

    /// <summary>The client it is opened for; kept to open it again.</summary>
    internal ClientProfile? Profile { get; set; }

    /// <summary>Failed or early ended connections in a row.</summary>
    internal int Failures { get; set; }

    internal DateTimeOffset RetryAt { get; private set; }

    /// <summary>Why the last connection failed or ended; null once one is open.</summary>
    internal UpstreamFault? LastError { get; set; }

    internal DateTimeOffset LastUsed { get; set; }

    /// <summary>Whether it ever had a connection, at the replica where it lives.</summary>
    internal bool WasOpen { get; private set; }

    /// <summary>What the next successful connection repairs.</summary>
    internal HealedWhat? Repairs { get; set; }

    /// <summary>Calls that wait for it, in the order they came.</summary>
    internal List<PendingCall> Waiters { get; } = [];

    internal void Connecting(Link link, DateTimeOffset now) => Enter(SlotPhase.Connecting, link, now);

    internal void Ready(DateTimeOffset now)
    {
        WasOpen = true;
        Enter(SlotPhase.Ready, Current, now);
    }

    internal void Vacate(DateTimeOffset now) => Enter(SlotPhase.Vacant, null, now);

    internal void BackOff(DateTimeOffset until, DateTimeOffset now)
    {
        RetryAt = until;
        Enter(SlotPhase.BackingOff, null, now);
    }

    /// <summary>Its next connection is opened at another replica, so the wait after a failure at the one before means nothing.</summary>
    internal void MoveTo(int endpoint, DateTimeOffset now)
    {
        if (endpoint != Endpoint && Phase == SlotPhase.BackingOff)
        {
            Vacate(now);
        }

        WasOpen &= endpoint == Endpoint;
        Endpoint = endpoint;
    }

    private void Enter(SlotPhase phase, Link? link, DateTimeOffset now)
    {
        Phase = phase;
        Current = link;
        Since = now;
    }
}

/// <summary>One incarnation of a connection.</summary>
internal sealed class Link(ConnectionId id, Slot slot)
{
    internal ConnectionId Id { get; } = id;

    /// <summary>The replica that it is a connection to.</summary>
    internal int Endpoint { get; } = slot.Endpoint;

    internal Slot Slot { get; set; } = slot;

    internal DateTimeOffset OpenedAt { get; set; }

    internal int? ProcessId { get; set; }

    /// <summary>Attempts on it now.</summary>
    internal int InFlight { get; set; }

    /// <summary>No new attempt may use it; it is closed when the last one ends.</summary>
    internal bool Retired { get; set; }

    /// <summary>It was closed, or has ended by itself.</summary>
    internal bool Gone { get; set; }

    /// <summary>Its loss was counted: the calls that it took along say nothing new about the server.</summary>
    internal bool LossCounted { get; set; }
}
