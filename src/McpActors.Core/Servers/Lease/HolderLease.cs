namespace McpActors.Core.Servers.Lease;

/// <summary>What the owner knows of one holder: what it said last, and what it may do by messages that it has not confirmed.</summary>
internal sealed class HolderLease(HolderId holder)
{
    // By counter; permits strictly fall, since a later message with as many makes an earlier one meaningless for the bound.
    private readonly List<(long Counter, int Permits)> _unconfirmed = [];
    private long _lastSent;
    private long _givenUpAt = -1;

    internal HolderId Holder { get; } = holder;

    /// <summary>The number of its last report.</summary>
    internal long LastReport { get; private set; }

    /// <summary>The last batch that was counted.</summary>
    internal long Counted { get; set; }

    /// <summary>Permits that it said it may use.</summary>
    internal int Reported { get; private set; }

    /// <summary>Calls it said are on their way.</summary>
    internal int InUse { get; private set; }

    /// <summary>What it could use.</summary>
    internal int Wanted { get; private set; }

    /// <summary>Retries it has left.</summary>
    internal int RetriesLeft { get; private set; }

    /// <summary>Permits that are its predecessor's and not ours: what it claims until it has taken a message of ours, then what it brought along.</summary>
    internal int Adopted { get; private set; }

    /// <summary>Whether it has taken a message of this owner.</summary>
    internal bool IsOurs { get; private set; }

    /// <summary>Permits of the last message to it.</summary>
    internal int Granted { get; private set; }

    /// <summary>When it can admit nothing more, by the owner's time, unless it reports.</summary>
    internal DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>Whether it may still use permits.</summary>
    internal bool IsLive { get; private set; }

    /// <summary>The most permits that it may use now or by a message on its way.</summary>
    internal int Exposure => Math.Max(Entitled, IsLive ? InUse : 0);

    /// <summary>The same without calls that outlived a lease: those end, and entitle to nothing.</summary>
    internal int Entitled => !IsLive ? 0 : Math.Max(Reported, _unconfirmed.Count > 0 ? _unconfirmed[0].Permits : 0);

    /// <summary>Takes a report; false when it is late or repeated.</summary>
    internal bool Receive(LeaseReport report, long owner, DateTimeOffset expiresAt)
    {
        if (report.Number <= LastReport)
        {
            return false;
        }

        LastReport = report.Number;
        InUse = report.InUse;
        Wanted = report.Wanted;
        RetriesLeft = report.RetriesLeft;
        IsOurs = report.Applied.Owner == owner;
        if (IsOurs)
        {
            _unconfirmed.RemoveAll(sent => sent.Counter <= report.Applied.Counter);
        }

        // What a holder that was given up says from before is void: others have those permits by now. It has what it was sent since.
        var isVoid = _givenUpAt >= 0 && !(IsOurs && report.Applied.Counter > _givenUpAt);
        Reported = isVoid ? 0 : report.Permits;
        Adopted = _givenUpAt >= 0 ? 0 : IsOurs ? report.Inherited : report.Permits;
        Granted = _unconfirmed.Count > 0 ? _unconfirmed[^1].Permits : Reported;
        ExpiresAt = expiresAt;
        IsLive = true;
        return true;
    }

    /// <summary>Notes a message to it.</summary>
    internal void Grant(long counter, int permits)
    {
        while (_unconfirmed.Count > 0 && _unconfirmed[^1].Permits <= permits)
        {
            _unconfirmed.RemoveAt(_unconfirmed.Count - 1);
        }

        _unconfirmed.Add((counter, permits));
        _lastSent = counter;
        Granted = permits;
    }

    /// <summary>It can admit nothing more.</summary>
    internal void GiveUp()
    {
        IsLive = false;
        _givenUpAt = _lastSent;
        Adopted = 0;
        _unconfirmed.Clear();
        Granted = 0;
    }
}
