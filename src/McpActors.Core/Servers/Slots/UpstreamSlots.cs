using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Slots;

/// <summary>What opening and closing connections depends upon.</summary>
/// <param name="IsProcess">Whether a connection is a child process.</param>
/// <param name="ConnectTimeout">For opening one, initialisation included.</param>
/// <param name="BaseBackoff">About the first wait after a failure; doubles.</param>
internal sealed record SlotSettings(bool IsProcess, TimeSpan ConnectTimeout, TimeSpan BaseBackoff)
{
    /// <summary>Longest wait between two attempts to connect.</summary>
    internal static TimeSpan MaxBackoff { get; } = TimeSpan.FromSeconds(30);

    internal static SlotSettings Of(ServerSettings settings) => new(
        settings.IsProcess,
        settings.Timeout.Connect + settings.Timeout.Initialize,
        settings.IsProcess ? TimeSpan.FromSeconds(1) : settings.Retry.BaseDelay);
}

/// <summary>
/// The upstream connections of one server: one at a time per slot, opened once for all callers that wait, replaced when lost, retired when a fresh one is
/// called for. The shared slot exists once for each replica; every other one lives at one of them. Knows nothing of circuits and retries; says what to open and close as effects.
/// </summary>
/// <param name="settings">Settings.</param>
/// <param name="endpoints">How many replicas there are.</param>
/// <param name="nextConnection">Gives ids that are unique in the node.</param>
/// <param name="effects">Where effects go.</param>
internal sealed partial class UpstreamSlots(SlotSettings settings, int endpoints, Func<long> nextConnection, List<ServerEffect> effects)
{
    private readonly Dictionary<SlotKey, Slot> _slots = [];
    private Slot?[] _shared = new Slot?[endpoints];
    private readonly Dictionary<ConnectionId, Link> _links = [];

    // Few even where slots are many, and looked at after every message. Those that left the phase are dropped when met.
    private readonly List<Slot> _backingOff = [];

    internal SlotSettings Settings { get; set; } = settings;

    /// <summary>The revision spoken before, for connections to come.</summary>
    internal ProtocolRevision? RememberedEra { get; set; }

    /// <summary>Whether the upstream keeps no state per caller, so that one connection serves every slot.</summary>
    internal bool Stateless { get; set; }

    /// <summary>Replicas whose shared connection is to be open although nobody waits for it, as a set of bits.</summary>
    internal ulong Background { get; set; }

    /// <summary>All of them.</summary>
    internal IEnumerable<Slot> All => Shared.Concat(_slots.Values);

    /// <summary>The shared ones that there are.</summary>
    internal IEnumerable<Slot> Shared => _shared.OfType<Slot>();

    /// <summary>Connections opened so far.</summary>
    internal long Starts { get; private set; }

    /// <summary>Whether anything is open or being opened.</summary>
    internal bool AnyLive => _links.Count > 0;

    /// <summary>Whether callers with this key share one connection with all others.</summary>
    internal bool IsShared(SlotKey key) => Stateless || key == SlotKey.Shared;

    /// <summary>The shared slot of a replica.</summary>
    internal Slot SharedAt(int endpoint) => _shared[endpoint] ??= new Slot(SlotKey.Shared, endpoint);

    /// <summary>The slot of a key; the first replica's where it is a shared one.</summary>
    internal Slot For(SlotKey key)
    {
        if (IsShared(key))
        {
            return SharedAt(0);
        }

        if (!_slots.TryGetValue(key, out var slot))
        {
            slot = new Slot(key, 0);
            _slots.Add(key, slot);
        }

        return slot;
    }

    /// <summary>The slot of a session or principal; null when it has none.</summary>
    internal Slot? Own(SlotKey key) => IsShared(key) ? null : _slots.GetValueOrDefault(key);

    /// <summary>Replicas whose shared slot is not ready, and of these the ones where connecting has to wait, as sets of bits.</summary>
    internal (ulong Cold, ulong Waiting) SharedState(DateTimeOffset now)
    {
        var (cold, waiting) = (0UL, 0UL);
        for (var i = 0; i < _shared.Length; i++)
        {
            var slot = _shared[i];
            cold |= slot is { Phase: SlotPhase.Ready } ? 0 : 1UL << i;
            waiting |= slot is { Phase: SlotPhase.BackingOff } && slot.RetryAt > now ? 1UL << i : 0;
        }

        return (cold, waiting);
    }

    /// <summary>Other replicas than before: every slot is closed when its last call ends, and those that waited are handed out.</summary>
    internal List<PendingCall> Replace(int endpoints, string reason, DateTimeOffset now)
    {
        var waiting = new List<PendingCall>();
        foreach (var slot in All)
        {
            waiting.AddRange(slot.Waiters);
            slot.Waiters.Clear();
            Retire(slot, reason, atOnce: false, now);
        }

        _slots.Clear();
        _shared = new Slot?[endpoints];
        Background = 0;
        return waiting;
    }

    internal Link? Find(ConnectionId id) => _links.GetValueOrDefault(id);

    /// <summary>Opens a connection unless there is one, one is being opened, or it is too early after a failure.</summary>
    internal void EnsureConnecting(Slot slot, DateTimeOffset now)
    {
        if (slot.Phase is SlotPhase.Connecting or SlotPhase.Ready || (slot.Phase == SlotPhase.BackingOff && slot.RetryAt > now))
        {
            return;
        }

        var link = new Link(new ConnectionId(nextConnection()), slot) { OpenedAt = now };
        _links.Add(link.Id, link);
        slot.Connecting(link, now);
        effects.Add(new ServerEffect.Connect(link.Id, slot.Key, slot.Profile, RememberedEra, Settings.ConnectTimeout, slot.Endpoint));
    }

    /// <summary>A connection is open. Null when nobody wants it any more: then it is closed.</summary>
    internal Slot? Opened(ConnectionId id, int? processId, DateTimeOffset now)
    {
        if (!_links.TryGetValue(id, out var link) || link.Slot.Current != link || link.Slot.Phase != SlotPhase.Connecting)
        {
            Forget(id);
            effects.Add(new ServerEffect.CloseConnection(id, "no longer wanted"));
            return null;
        }

        link.OpenedAt = now;
        link.ProcessId = processId;
        Starts++;
        var slot = link.Slot;
        slot.Ready(now);
        slot.LastUsed = now;
        slot.LastError = null;

        // A process proves itself by living; a session by being opened.
        slot.Failures = Settings.IsProcess ? slot.Failures : 0;
        if (slot.Repairs is { } repaired)
        {
            slot.Repairs = null;
            effects.Add(new ServerEffect.CountHealed(repaired));
        }

        return slot;
    }

    /// <summary>A connection could not be opened. Null when nobody wanted it any more.</summary>
    internal Slot? Failed(ConnectionId id, UpstreamFault fault, double random, DateTimeOffset now)
    {
        var link = Forget(id);
        if (link is null || link.Slot.Current != link)
        {
            return null;
        }

        BackOff(link.Slot, fault, random, now);
        return link.Slot;
    }

    /// <summary>An open connection is lost. Null when it was not the current one: it has been replaced already.</summary>
    internal Slot? Lost(ConnectionId id, HealedWhat what, UpstreamFault fault, double random, DateTimeOffset now)
    {
        if (!_links.TryGetValue(id, out var link))
        {
            return null;
        }

        var wasCurrent = link.Slot.Current == link;
        link.Retired = true;
        Close(link, fault.Text);
        if (!wasCurrent)
        {
            return null;
        }

        var slot = link.Slot;
        slot.Repairs = what;

        // What lived for a while is replaced at once; what ends again and again is not.
        if (what == HealedWhat.Session || now - link.OpenedAt >= SlotSettings.MaxBackoff)
        {
            slot.Failures = 0;
        }

        if (what == HealedWhat.Session || slot.Failures == 0)
        {
            slot.Failures = what == HealedWhat.Session ? 0 : 1;
            slot.LastError = fault;
            slot.Vacate(now);
        }
        else
        {
            BackOff(slot, fault, random, now);
        }

        return slot;
    }

    /// <summary>Nobody is there any more: nothing new is sent there before a fresh connection proves otherwise. What is on its way may still end well.</summary>
    internal void Unreachable(Slot slot, UpstreamFault fault, double random, DateTimeOffset now)
    {
        Retire(slot, fault.Text, atOnce: false, now);
        slot.Repairs = HealedWhat.Connection;
        BackOff(slot, fault, random, now);
    }

    /// <summary>An attempt starts on the slot's connection.</summary>
    internal static Link Use(Slot slot, DateTimeOffset now)
    {
        var link = slot.Current ?? throw new InvalidOperationException($"Slot {slot.Key} has no connection.");
        link.InFlight++;
        slot.LastUsed = now;
        return link;
    }

    /// <summary>An attempt ended.</summary>
    internal void Release(Link link, DateTimeOffset now)
    {
        link.InFlight--;
        link.Slot.LastUsed = now;
        if (!link.Retired)
        {
            // It answers, so earlier failures are history.
            link.Slot.Failures = now - link.OpenedAt >= SlotSettings.MaxBackoff ? 0 : link.Slot.Failures;
        }
        else if (link.InFlight <= 0)
        {
            Close(link, "retired");
            Forget(link.Id);
        }
    }

    /// <summary>Takes the current connection out of use. A process is ended at once, because two of them must not run side by side.</summary>
    internal void Retire(Slot slot, string reason, bool atOnce, DateTimeOffset now)
    {
        if (slot.Current is not { } link)
        {
            if (slot.Phase == SlotPhase.BackingOff)
            {
                slot.Vacate(now);
            }

            return;
        }

        var opening = slot.Phase == SlotPhase.Connecting;
        slot.Vacate(now);
        link.Retired = true;
        if (atOnce || opening || Settings.IsProcess || link.InFlight <= 0)
        {
            // What it takes along was our own doing.
            link.LossCounted = true;
            Close(link, reason);
        }
    }

    /// <summary>Retires every open connection but one, and where asked for every one that is being opened; who waits for it goes on waiting.</summary>
    internal void RetireAll(string reason, bool atOnce, DateTimeOffset now, ConnectionId? except = null, bool opening = false)
    {
        foreach (var slot in All)
        {
            if (slot.Current?.Id != except && (slot.Phase == SlotPhase.Ready || (opening && slot.Phase == SlotPhase.Connecting)))
            {
                Retire(slot, reason, atOnce, now);
            }
        }

        if (atOnce)
        {
            foreach (var link in _links.Values.Where(link => link.Retired).ToArray())
            {
                link.LossCounted = true;
                Close(link, reason);
            }
        }
    }

    /// <summary>Ends a slot for good.</summary>
    internal void Remove(Slot slot, string reason, DateTimeOffset now)
    {
        Retire(slot, reason, atOnce: false, now);
        _slots.Remove(slot.Key);
    }

    /// <summary>Forgets a slot that was never used.</summary>
    internal void Drop(Slot slot)
    {
        if (slot.Phase == SlotPhase.Vacant && slot.Waiters.Count == 0)
        {
            _slots.Remove(slot.Key);
        }
    }

    /// <summary>The upstream turned out to keep no state: this slot's connection becomes everybody's.</summary>
    internal Slot MergeIntoShared(Slot slot, DateTimeOffset now)
    {
        Stateless = true;
        if (slot.Key == SlotKey.Shared)
        {
            return slot;
        }

        var shared = SharedAt(slot.Endpoint);
        var link = slot.Current!;
        if (shared.Current is null)
        {
            slot.Vacate(now);
            link.Slot = shared;
            shared.Connecting(link, now);
            shared.Ready(now);
            shared.LastUsed = now;
        }

        slot.Waiters.ForEach(call => call.WaitsAt = shared);
        shared.Waiters.AddRange(slot.Waiters);
        slot.Waiters.Clear();
        Remove(slot, "the upstream keeps no sessions", now);
        return shared;
    }

    private void BackOff(Slot slot, UpstreamFault fault, double random, DateTimeOffset now)
    {
        slot.Failures++;
        slot.LastError = fault;
        var doubled = Settings.BaseBackoff.Ticks * Math.Pow(2, Math.Min(slot.Failures - 1, 20));

        // Half of it is fixed: a wait of almost nothing would be no back-off.
        var ticks = Math.Min(doubled, SlotSettings.MaxBackoff.Ticks) * (0.5 + (random / 2));
        slot.BackOff(now + TimeSpan.FromTicks((long)ticks), now);
        if (!_backingOff.Contains(slot))
        {
            _backingOff.Add(slot);
        }
    }

    private void Close(Link link, string reason)
    {
        if (!link.Gone)
        {
            link.Gone = true;
            effects.Add(new ServerEffect.CloseConnection(link.Id, reason));
        }

        if (link.InFlight <= 0)
        {
            Forget(link.Id);
        }
    }

    private Link? Forget(ConnectionId id) => _links.Remove(id, out var link) ? link : null;
}
