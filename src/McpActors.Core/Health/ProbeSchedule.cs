using McpActors.Core.Servers;

namespace McpActors.Core.Health;

/// <summary>What keeps probes from hurting.</summary>
public sealed record ProbeLimits
{
    /// <summary>The defaults.</summary>
    public static ProbeLimits Default { get; } = new();

    /// <summary>Probes under way in the whole cluster at most. Default 64.</summary>
    public int AtOnce { get; init; } = 64;

    /// <summary>Probes ordered in a second at most; intervals stretch where they would need more. Default 200.</summary>
    public int PerSecond { get; init; } = 200;

    /// <summary>A server that was never heard of is looked at; so many of them in a second, because its actor may have to be woken. Default 20.</summary>
    public int FirstLooksPerSecond { get; init; } = 20;

    /// <summary>A server that fails is probed less and less often, but at least this often, or as often as its interval says. Default 2 min.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A probe without an answer for this long is lost, as when its server's actor moves. Default 30 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Which server is to be probed when: once in its interval, unless there was traffic; with jitter, so that many do not meet; sooner while it is suspected,
/// less often once it is known to fail; never while nothing of it runs. Changes in place; time and randomness are inputs.
/// </summary>
public sealed class ProbeSchedule(ProbeLimits limits)
{
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ServerId, Entry> _entries = [];
    private readonly PriorityQueue<(Entry Entry, long Version), DateTimeOffset> _due = new();
    private readonly Queue<(Entry Entry, long Version, DateTimeOffset Since)> _underWay = new();
    private int _inFlight;
    private DateTimeOffset _newestLook;

    /// <summary>The servers that are followed.</summary>
    public IReadOnlyCollection<ServerId> Servers => _entries.Keys;

    /// <summary>Probes under way.</summary>
    public int InFlight => _inFlight;

    /// <summary>
    /// Follows a server from now on, or by another interval. A new one is looked at whatever is known of it, but not in the first half of its interval: the nodes
    /// of a starting cluster come one after another, and the actors that probes wake before would all be on the first.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="interval">Between two probes.</param>
    /// <param name="random">In [0, 1).</param>
    /// <param name="now">The time.</param>
    public void Follow(ServerId server, TimeSpan interval, double random, DateTimeOffset now)
    {
        if (_entries.TryGetValue(server, out var known))
        {
            if (known.Interval != interval)
            {
                known.Interval = interval;
                Plan(known, now + (interval * random));
            }

            return;
        }

        var entry = new Entry { Server = server, Interval = interval };
        _entries.Add(server, entry);
        _newestLook = (_newestLook > now ? _newestLook : now) + (TimeSpan.FromSeconds(1) / limits.FirstLooksPerSecond);
        var (queued, jitter) = (_newestLook - now, interval / 2);
        Plan(entry, now + (interval / 2) + (queued < jitter ? jitter * random : queued));
    }

    /// <summary>Follows a server no more.</summary>
    public void Drop(ServerId server)
    {
        if (_entries.Remove(server, out var entry))
        {
            Free(entry);
            entry.Version++;
        }
    }

    /// <summary>There was traffic, which tells more than a probe.</summary>
    public void Traffic(ServerId server, DateTimeOffset now)
    {
        if (_entries.TryGetValue(server, out var entry))
        {
            entry.NotBefore = now + entry.Interval;
            Wake(entry, now + entry.Interval);
        }
    }

    /// <summary>Something of the server runs, or it may be asked although nothing does.</summary>
    public void Awake(ServerId server, double random, DateTimeOffset now)
    {
        if (_entries.TryGetValue(server, out var entry))
        {
            Wake(entry, now + (entry.Interval * (0.5 + (random / 2))));
        }
    }

    /// <summary>Nothing of the server runs: it is not probed until something does.</summary>
    public void Asleep(ServerId server)
    {
        if (_entries.TryGetValue(server, out var entry) && !entry.Asleep)
        {
            entry.Asleep = true;
            entry.Failures = 0;
            entry.Version += entry.InFlight ? 0 : 1;
        }
    }

    /// <summary>Those whose time has come, as far as there is room for them; each is under way until <see cref="Ended"/>.</summary>
    public IReadOnlyList<ServerId> TakeDue(DateTimeOffset now)
    {
        GiveUpLost(now);
        List<ServerId>? due = null;
        while (_inFlight < limits.AtOnce && _due.TryPeek(out var next, out var at) && at <= now)
        {
            _due.Dequeue();
            var (entry, version) = next;
            if (entry.Version != version)
            {
                continue;
            }

            if (entry.NotBefore > now)
            {
                Plan(entry, entry.NotBefore);
                continue;
            }

            entry.InFlight = true;
            entry.Version++;
            _inFlight++;
            _underWay.Enqueue((entry, entry.Version, now));
            (due ??= []).Add(entry.Server);
        }

        return due ?? [];
    }

    /// <summary>A probe ended.</summary>
    /// <param name="server">The server.</param>
    /// <param name="result">How.</param>
    /// <param name="random">In [0, 1).</param>
    /// <param name="now">The time.</param>
    public void Ended(ServerId server, ProbeResult result, double random, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(server, out var entry) || !entry.InFlight)
        {
            return;
        }

        Free(entry);
        entry.Version++;
        entry.Failures = result switch { ProbeResult.Answered => 0, ProbeResult.Failed => entry.Failures + 1, _ => entry.Failures };
        if (!entry.Asleep)
        {
            Plan(entry, now + (Wait(entry) * (0.9 + (random / 5))));
        }
    }

    private TimeSpan Wait(Entry entry)
    {
        if (entry.Failures == 0)
        {
            return entry.Interval;
        }

        if (entry.Failures < VerdictMachine.Fall)
        {
            var sooner = entry.Interval / 3;
            return sooner > Soonest ? sooner : entry.Interval < Soonest ? entry.Interval : Soonest;
        }

        var longest = entry.Interval > limits.LongestBackoff ? entry.Interval : limits.LongestBackoff;
        var doubled = entry.Interval * Math.Pow(2, Math.Min(entry.Failures - VerdictMachine.Fall, 16));
        return doubled < longest ? doubled : longest;
    }

    private void Wake(Entry entry, DateTimeOffset due)
    {
        if (!entry.Asleep)
        {
            return;
        }

        entry.Asleep = false;
        if (!entry.InFlight)
        {
            Plan(entry, due);
        }
    }

    private void Plan(Entry entry, DateTimeOffset due)
    {
        if (!entry.InFlight && !entry.Asleep)
        {
            _due.Enqueue((entry, ++entry.Version), due);
        }
    }

    private void Free(Entry entry)
    {
        _inFlight -= entry.InFlight ? 1 : 0;
        entry.InFlight = false;
    }

    private void GiveUpLost(DateTimeOffset now)
    {
        while (_underWay.TryPeek(out var oldest) && (oldest.Entry.Version != oldest.Version || now - oldest.Since >= limits.Patience))
        {
            _underWay.Dequeue();
            var (entry, version, _) = oldest;
            if (entry.Version == version)
            {
                Free(entry);
                Plan(entry, now + entry.Interval);
            }
        }
    }

    private sealed class Entry
    {
        public required ServerId Server { get; init; }

        public TimeSpan Interval { get; set; }

        /// <summary>Not before the traffic has been over for an interval.</summary>
        public DateTimeOffset NotBefore { get; set; }

        public int Failures { get; set; }

        public bool Asleep { get; set; }

        public bool InFlight { get; set; }

        /// <summary>What stands in a queue under an older one counts no more.</summary>
        public long Version { get; set; }
    }
}
