using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Slots;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

/// <summary>Where a call is on its way.</summary>
internal enum CallPhase
{
    /// <summary>Being decided about at this moment.</summary>
    Deciding,

    /// <summary>Waits for an identical call.</summary>
    Following,

    /// <summary>Waits for a permit.</summary>
    Queued,

    /// <summary>Waits for the upstream to be connected.</summary>
    AwaitingSlot,

    /// <summary>Waits before its next attempt.</summary>
    BackingOff,

    /// <summary>Its carrier makes an attempt.</summary>
    Running,
}

/// <summary>One call from its arrival to its end, as the decider keeps it. Pooled: nothing may hold on to it after its end.</summary>
internal sealed class PendingCall
{
    internal CallId Id { get; private set; }

    internal CallIntent Intent { get; private set; } = null!;

    internal ClientProfile? Profile { get; private set; }

    internal CallClass Class { get; set; }

    /// <summary>The list it fetches, when it is the gateway's own.</summary>
    internal ListKind? Fetches { get; private set; }

    internal CallPhase Phase { get; set; }

    /// <summary>Whether it was admitted before, so that its next answer follows upon a failed attempt.</summary>
    internal bool WasAdmitted { get; set; }

    /// <summary>Whether it holds a permit; it keeps it over its attempts.</summary>
    internal bool HasPermit { get; set; }

    /// <summary>Whether it fetches an answer that others may wait for.</summary>
    internal bool Leads { get; set; }

    /// <summary>Whether it waited for what is known of its tool.</summary>
    internal bool WasHeld { get; set; }

    /// <summary>Whether it was sent again by healing.</summary>
    internal bool Healed { get; set; }

    /// <summary>Whether its next attempt is that one.</summary>
    internal bool HealsNow { get; set; }

    /// <summary>Attempts that cost one.</summary>
    internal int Attempts { get; set; }

    /// <summary>Attempts as the carrier counts them, healing included.</summary>
    internal int Sends { get; set; }

    internal double BackoffState { get; set; }

    /// <summary>The circuit's ticket of the attempt at hand; none between attempts.</summary>
    internal CircuitTicket? Ticket { get; set; }

    internal ConnectionId Connection { get; set; }

    /// <summary>The slot it waits for.</summary>
    internal Slot? WaitsAt { get; set; }

    /// <summary>Where it is counted as outstanding; null for a server without replicas, and between attempts.</summary>
    internal ReplicaBalancer? HeldBy { get; set; }

    /// <summary>The replica at which it is counted, or was last.</summary>
    internal int Endpoint { get; set; }

    /// <summary>The replicas where it failed, as a set of bits.</summary>
    internal ulong FailedAt { get; set; }

    /// <summary>How its last attempt ended.</summary>
    internal AttemptOutcome LastOutcome { get; set; }

    /// <summary>Why its last attempt or connection failed, where that was told in words.</summary>
    internal string? FailureText { get; set; }

    /// <summary>Of the cached kind when it was looked up.</summary>
    internal long CacheGeneration { get; set; }

    /// <summary>When waiting for the upstream or for the next attempt ends.</summary>
    internal DateTimeOffset Due { get; set; }

    /// <summary>Place in the list of those that wait with a due time; -1 outside.</summary>
    internal int WaitIndex { get; set; } = -1;

    internal DateTimeOffset Deadline => Intent.Deadline;

    internal void Start(CallId id, CallIntent intent, ClientProfile? profile, CallClass callClass, ListKind? fetches = null)
    {
        Id = id;
        Intent = intent;
        Profile = profile;
        Class = callClass;
        Fetches = fetches;
        Phase = CallPhase.Deciding;
        WasAdmitted = WasHeld = HasPermit = Leads = Healed = HealsNow = false;
        Attempts = Sends = 0;
        BackoffState = 0;
        Ticket = null;
        Connection = default;
        WaitsAt = null;
        HeldBy = null;
        Endpoint = 0;
        FailedAt = 0;
        LastOutcome = default;
        FailureText = null;
        CacheGeneration = 0;
        Due = default;
        WaitIndex = -1;
    }

    internal void Clear()
    {
        Intent = null!;
        Profile = null;
        WaitsAt = null;
        HeldBy = null;
    }
}

/// <summary>The calls of one server by id, with the objects of ended calls kept for new ones.</summary>
internal sealed class CallTable
{
    private const int MostPooled = 256;

    private readonly Dictionary<long, PendingCall> _calls = [];
    private readonly Stack<PendingCall> _pool = new();

    internal int Count => _calls.Count;

    internal IEnumerable<PendingCall> All => _calls.Values;

    internal bool Contains(CallId id) => _calls.ContainsKey(id.Value);

    internal PendingCall? Find(CallId id) => _calls.GetValueOrDefault(id.Value);

    internal PendingCall Add(CallId id, CallIntent intent, ClientProfile? profile, CallClass callClass, ListKind? fetches = null)
    {
        var call = _pool.TryPop(out var pooled) ? pooled : new PendingCall();
        call.Start(id, intent, profile, callClass, fetches);
        _calls.Add(id.Value, call);
        return call;
    }

    internal void Remove(PendingCall call)
    {
        _calls.Remove(call.Id.Value);
        call.Clear();
        if (_pool.Count < MostPooled)
        {
            _pool.Push(call);
        }
    }
}

/// <summary>Calls that wait until a time or for an event, whichever comes first; leaving is O(1).</summary>
internal sealed class WaitList
{
    private readonly List<PendingCall> _calls = [];

    // A lower bound, made exact by the scan that it causes.
    private DateTimeOffset _next = DateTimeOffset.MaxValue;

    internal int Count => _calls.Count;

    internal DateTimeOffset? NextTick => _calls.Count == 0 ? null : _next;

    internal void Add(PendingCall call, DateTimeOffset due)
    {
        call.Due = due;
        call.WaitIndex = _calls.Count;
        _calls.Add(call);
        _next = due < _next ? due : _next;
    }

    internal void Remove(PendingCall call)
    {
        if (call.WaitIndex < 0)
        {
            return;
        }

        var last = _calls[^1];
        _calls[call.WaitIndex] = last;
        last.WaitIndex = call.WaitIndex;
        _calls.RemoveAt(_calls.Count - 1);
        call.WaitIndex = -1;
    }

    /// <summary>Takes out those whose time has come, the earliest first.</summary>
    internal IReadOnlyList<PendingCall> TakeDue(DateTimeOffset now)
    {
        if (_calls.Count == 0 || now < _next)
        {
            return [];
        }

        var due = _calls.Where(call => call.Due <= now).OrderBy(call => call.Due).ToArray();
        foreach (var call in due)
        {
            Remove(call);
        }

        _next = _calls.Count == 0 ? DateTimeOffset.MaxValue : _calls.Min(call => call.Due);
        return due;
    }
}
