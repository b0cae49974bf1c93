using System.Collections.Concurrent;
using System.Globalization;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Sessions;

/// <summary>
/// The sessions this node knows. Bounded; those nobody used for the idle time make room first. Of one at rest, whose owner has left memory, only that it was used is kept,
/// because it still counts: it is asked for when it is used again.
/// </summary>
internal sealed class SessionCache(int capacity, SessionSettings settings, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    // By 64 bits of the hash of the id: when it was used last.
    private readonly ConcurrentDictionary<ulong, long> _resting = new();
    private long _lastSweep = long.MinValue;

    public int Count => _entries.Count + _resting.Count;

    public SessionInfo? Find(string id) => _entries.TryGetValue(id, out var entry) ? entry.Info : null;

    /// <summary>Each with its last use here.</summary>
    public IEnumerable<(SessionInfo Info, DateTimeOffset LastUse)> Uses => _entries.Select(entry => (entry.Value.Info, new DateTimeOffset(entry.Value.LastUse, TimeSpan.Zero)));

    public IReadOnlyList<SessionInfo> List() => [.. _entries.Values.Select(entry => entry.Info).OrderBy(info => info.CreatedAt)];

    /// <summary>Whether another session fits.</summary>
    public bool HasRoom()
    {
        if (Count < capacity)
            return true;
        Sweep();
        return Count < capacity;
    }

    /// <summary>Keeps a session, or its new form. False when there is no room: it works all the same, at the price of a question to its owner.</summary>
    public bool Keep(SessionInfo info)
    {
        if (_entries.TryGetValue(info.Id, out var entry))
        {
            entry.Info = info;
            return true;
        }

        return (_resting.TryRemove(KeyOf(info.Id), out _) || HasRoom()) && _entries.TryAdd(info.Id, new Entry(info, Now));
    }

    /// <summary>Takes the new form of a session that is kept; others are left alone.</summary>
    public void Update(SessionInfo info)
    {
        if (_entries.TryGetValue(info.Id, out var entry))
            entry.Info = info;
    }

    public bool Remove(string id) => _entries.TryRemove(id, out _) | _resting.TryRemove(KeyOf(id), out _);

    /// <summary>
    /// The session's owner is about to leave memory. Answers its last use here, which keeps the owner, when that was within <paramref name="lately"/> or the session listens
    /// here; else it is at rest from now on.
    /// </summary>
    public DateTimeOffset? Rest(string id, TimeSpan lately, bool listens)
    {
        if (!_entries.TryGetValue(id, out var entry))
            return null;
        if (listens || Now - entry.LastUse < lately.Ticks)
            return new DateTimeOffset(entry.LastUse, TimeSpan.Zero);
        _resting[KeyOf(id)] = entry.LastUse;
        _entries.TryRemove(id, out _);
        return null;
    }

    /// <summary>Notes a use. True when its owner should hear of it: once in a while, and each time where the session found no room, for nothing is known of it here.</summary>
    public bool Use(string id)
    {
        if (!_entries.TryGetValue(id, out var entry))
            return true;
        var now = Now;
        entry.LastUse = now;
        var told = Volatile.Read(ref entry.LastTold);
        return now - told >= settings.TouchEvery.Ticks && Interlocked.CompareExchange(ref entry.LastTold, now, told) == told;
    }

    /// <summary>The last use here of a session that is kept.</summary>
    public DateTimeOffset? LastUse(string id) => _entries.TryGetValue(id, out var entry) ? new DateTimeOffset(entry.LastUse, TimeSpan.Zero) : null;

    /// <summary>How long ago something was, by this node's clock.</summary>
    public TimeSpan Ago(DateTimeOffset at) => time.GetUtcNow() - at;

    /// <summary>Owners were lost: each session's next use is told.</summary>
    public void TellAnew()
    {
        foreach (var (_, entry) in _entries)
            Volatile.Write(ref entry.LastTold, Entry.Never);
    }

    private long Now => time.GetUtcNow().UtcTicks;

    /// <summary>Forgets what was not used for the idle time. At most once a second: a full node must not sweep for every refusal.</summary>
    private void Sweep()
    {
        var now = Now;
        var last = Volatile.Read(ref _lastSweep);
        if (last != long.MinValue && now - last < TimeSpan.TicksPerSecond)
            return;
        Volatile.Write(ref _lastSweep, now);
        foreach (var (id, entry) in _entries)
        {
            if (now - entry.LastUse >= settings.Idle.Ticks)
                _entries.TryRemove(id, out _);
        }

        foreach (var (key, lastUse) in _resting)
        {
            if (now - lastUse >= settings.Idle.Ticks)
                _resting.TryRemove(key, out _);
        }
    }

    private static ulong KeyOf(string id) => ulong.Parse(SessionHandle.Of(id), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed class Entry(SessionInfo info, long now)
    {
        // Long ago: the first use tells the owner that this node wants to hear of changes.
        public const long Never = long.MinValue / 2;

        private SessionInfo _info = info;

        public long LastUse = now;

        public long LastTold = Never;

        public SessionInfo Info
        {
            get => Volatile.Read(ref _info);
            set => Volatile.Write(ref _info, value);
        }
    }
}
