using System.Runtime.InteropServices;

namespace McpActors.Core.Servers.Lease;

/// <summary>
/// Who has which of a server's permits: the holders, the owner itself, and what a former owner gave that may still be out. Raises count when they are
/// sent, reductions when they are confirmed, the silence of a holder when its lease has provably run out; so what all may use together
/// never exceeds the permits, but for the slack of a new owner. In place; owned by one actor; time is an input.
/// </summary>
internal sealed class LeaseBook
{
    /// <summary>Holders that are gone are remembered, so that their late reports are known as such; this many.</summary>
    private const int MostHolders = 1024;

    private readonly LeaseOptions _options;
    private readonly DateTimeOffset _takeoverEnds;
    private readonly Dictionary<HolderId, HolderLease> _holders = [];
    private readonly List<HolderLease> _live = [];
    private int[] _wanted = new int[8];
    private int[] _shares = new int[8];
    private int _adoptedGone;
    private int _ownCap = int.MaxValue;
    private bool _takesOver = true;

    /// <summary>The book of an owner that begins now: all permits count as given by its predecessor.</summary>
    internal LeaseBook(LeaseOptions options, int permits, DateTimeOffset now)
    {
        LeaseOptions.Rules.ThrowIfBroken(options);
        _options = options;
        Permits = permits;
        _takeoverEnds = now + options.Validity + options.Margin;
    }

    /// <summary>The server's permits.</summary>
    internal int Permits { get; set; }

    /// <summary>The owner's own calls on their way.</summary>
    internal int OwnInUse { get; private set; }

    /// <summary>What the owner itself could use.</summary>
    internal int OwnWanted { get; private set; }

    /// <summary>Whether leases of a former owner may still live.</summary>
    internal bool TakesOver => _takesOver;

    /// <summary>Holders with a lease.</summary>
    internal IReadOnlyList<HolderLease> Live => _live;

    /// <summary>Permits that holders may use now, or by messages on their way.</summary>
    internal int Exposure
    {
        get
        {
            var sum = 0;
            foreach (var holder in _live)
            {
                sum += holder.Exposure;
            }

            return sum;
        }
    }

    /// <summary>Permits of a former owner that nobody has claimed.</summary>
    internal int Legacy
    {
        get
        {
            if (!_takesOver)
            {
                return 0;
            }

            var adopted = _adoptedGone;
            foreach (var holder in _live)
            {
                adopted += holder.Adopted;
            }

            return Math.Max(0, Permits - adopted);
        }
    }

    /// <summary>Permits that the owner may use itself: what is left, but its share while a holder is short.</summary>
    internal int OwnLimit => Math.Min(_ownCap, Math.Max(0, Distributable - Exposure));

    /// <summary>When <see cref="Tick"/> has something to do, if at all.</summary>
    internal DateTimeOffset? NextTick
    {
        get
        {
            DateTimeOffset? next = _takesOver ? _takeoverEnds : null;
            foreach (var holder in _live)
            {
                next = next is null || holder.ExpiresAt < next ? holder.ExpiresAt : next;
            }

            return next;
        }
    }

    private int Distributable => Permits + (_takesOver ? _options.SlackOf(Permits) : 0) - Legacy;

    /// <summary>What the owner itself uses and could use.</summary>
    internal void SetOwn(int inUse, int waiting)
    {
        OwnInUse = inUse;
        OwnWanted = inUse + waiting;
    }

    /// <summary>Takes a report; null when it is late or repeated.</summary>
    internal HolderLease? Receive(LeaseReport report, long owner, DateTimeOffset now)
    {
        Tick(now);
        if (!_holders.TryGetValue(report.Holder, out var holder))
        {
            Forget();
            _holders.Add(report.Holder, holder = new HolderLease(report.Holder));
        }

        var wasLive = holder.IsLive;
        if (!holder.Receive(report, owner, now + _options.Validity + _options.Margin))
        {
            return null;
        }

        if (!wasLive)
        {
            _live.Add(holder);
        }

        if (report is { Releases: true, InUse: 0 })
        {
            End(holder);
        }

        return holder;
    }

    /// <summary>Takes back what has provably run out.</summary>
    internal void Tick(DateTimeOffset now)
    {
        _takesOver = _takesOver && now < _takeoverEnds;
        for (var i = _live.Count - 1; i >= 0; i--)
        {
            if (_live[i].ExpiresAt <= now)
            {
                End(_live[i]);
            }
        }
    }

    /// <summary>No lease of a former owner can be out: every node that could hold one has said so.</summary>
    internal void ConcludeTakeover() => _takesOver = false;

    /// <summary>
    /// Divides the permits by what each could use. Permits are taken only from those who have more than their share, and only when another is short.
    /// </summary>
    /// <param name="first">Is served first, and told in any case; none when nobody asked.</param>
    /// <param name="closed">Whether the circuit lets calls pass; if not, nobody gets a permit.</param>
    /// <param name="changes">Whom to tell what: permits in all, and how many of them are not adopted.</param>
    internal void Divide(HolderLease? first, bool closed, List<LeaseShare> changes)
    {
        var distributable = Distributable;
        var shares = Shares(closed ? distributable : 0);
        var room = distributable - Exposure - Math.Max(OwnInUse, closed ? shares[^1] : 0);
        var someoneIsShort = room < 0 || OwnWanted > Math.Max(OwnLimit, 0);
        var start = changes.Count;
        if (first is { IsLive: true })
        {
            room -= Raise(first, shares[_live.IndexOf(first)], room, always: true, changes);
        }

        for (var i = 0; i < _live.Count; i++)
        {
            var holder = _live[i];
            if (holder != first && Math.Min(Math.Max(1, holder.Wanted), shares[i]) > holder.Granted)
            {
                room -= Raise(holder, shares[i], room, always: false, changes);
            }
        }

        var holderIsShort = IsAHolderShort(shares, CollectionsMarshal.AsSpan(changes)[start..]);
        _ownCap = holderIsShort ? shares[^1] : int.MaxValue;
        if (someoneIsShort || holderIsShort || !closed)
        {
            Reduce(shares, start, changes);
        }
    }

    private bool IsAHolderShort(ReadOnlySpan<int> shares, ReadOnlySpan<LeaseShare> changes)
    {
        for (var i = 0; i < _live.Count; i++)
        {
            var permits = _live[i].Granted;
            foreach (var change in changes)
            {
                permits = change.Holder == _live[i] ? change.Permits : permits;
            }

            if (permits < Math.Min(Math.Max(1, _live[i].Wanted), shares[i]))
            {
                return true;
            }
        }

        return false;
    }

    // What it has stays; more comes from the room. Returns what that took from the room.
    private static int Raise(HolderLease holder, int share, int room, bool always, List<LeaseShare> changes)
    {
        var exposure = holder.Exposure;
        var permits = Math.Max(holder.Granted, Math.Min(share, room < 0 ? holder.Entitled : exposure + room));
        if (always || permits > holder.Granted)
        {
            changes.Add(LeaseShare.Of(holder, permits));
        }

        return Math.Max(0, permits - exposure);
    }

    private void Reduce(ReadOnlySpan<int> shares, int start, List<LeaseShare> changes)
    {
        for (var i = 0; i < _live.Count; i++)
        {
            var holder = _live[i];
            var at = changes.FindIndex(start, change => change.Holder == holder);
            if (at >= 0 && changes[at].Permits > shares[i])
            {
                changes[at] = LeaseShare.Of(holder, shares[i]);
            }
            else if (at < 0 && holder.Granted > shares[i])
            {
                changes.Add(LeaseShare.Of(holder, shares[i]));
            }
        }
    }

    // One share for each live holder, and the last for the owner.
    private Span<int> Shares(int total)
    {
        var count = _live.Count + 1;
        if (_wanted.Length < count)
        {
            Array.Resize(ref _wanted, count * 2);
            Array.Resize(ref _shares, count * 2);
        }

        for (var i = 0; i < _live.Count; i++)
        {
            _wanted[i] = Math.Max(1, _live[i].Wanted);
        }

        // The owner first, so that there is always a way through it.
        _wanted[count - 1] = Math.Max(1, OwnWanted);
        var reserved = Math.Min(1, total);
        _wanted[count - 1] -= reserved;
        FairShare.Split(total - reserved, _wanted.AsSpan(0, count), _shares.AsSpan(0, count));
        _shares[count - 1] += reserved;
        return _shares.AsSpan(0, count);
    }

    private void End(HolderLease holder)
    {
        _adoptedGone += holder.Adopted;
        holder.GiveUp();
        _live.Remove(holder);
    }

    private void Forget()
    {
        if (_holders.Count < MostHolders)
        {
            return;
        }

        var oldest = _holders.Values.Where(holder => !holder.IsLive).MinBy(holder => holder.ExpiresAt);
        if (oldest is not null)
        {
            _holders.Remove(oldest.Holder);
        }
    }
}

/// <summary>What a holder is to be told.</summary>
/// <param name="Holder">Whom.</param>
/// <param name="Permits">Permits in all.</param>
/// <param name="Fresh">Those that are not adopted from a former owner.</param>
internal readonly record struct LeaseShare(HolderLease Holder, int Permits, int Fresh)
{
    internal static LeaseShare Of(HolderLease holder, int permits) =>
        new(holder, permits, holder.IsOurs ? 0 : Math.Max(0, permits - holder.Adopted));
}
