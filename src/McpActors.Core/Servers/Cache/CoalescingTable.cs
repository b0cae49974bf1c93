namespace McpActors.Core.Servers.Cache;

/// <summary>What became of a call that asks for an answer which others may be fetching.</summary>
public enum CoalescingRole
{
    /// <summary>It fetches; the others wait for it.</summary>
    Leader,

    /// <summary>It waits; a signal or the leader's completion will tell.</summary>
    Waiter,

    /// <summary>It fetches for itself alone: too many wait already, or what is being fetched was invalidated meanwhile.</summary>
    Alone,
}

/// <summary>A call that waits for another's answer.</summary>
/// <param name="CallId">The call.</param>
/// <param name="Waiter">What it left to be found again.</param>
/// <param name="Deadline">Until when it can wait.</param>
public readonly record struct CoalescedCall<TWaiter>(long CallId, TWaiter Waiter, DateTimeOffset Deadline);

/// <summary>Something that happened to a waiting call.</summary>
/// <param name="Promoted">True: it is the leader now and must fetch. False: its deadline passed and it has left.</param>
/// <param name="Key">The answer it is about.</param>
/// <param name="Call">The call.</param>
public readonly record struct CoalescingSignal<TWaiter>(bool Promoted, CacheKey Key, CoalescedCall<TWaiter> Call);

/// <summary>
/// Who fetches which answer, and who waits for it: at most one leader per key. When a leader fails or is lost, the next waiter leads.
/// Owned by one actor; not thread-safe. Signals are appended to a list that the caller owns and may reuse.
/// </summary>
/// <typeparam name="TWaiter">What a waiting call leaves to be found again.</typeparam>
/// <param name="maxWaiters">Calls that may wait in all.</param>
public sealed class CoalescingTable<TWaiter>(int maxWaiters = CoalescingTable<TWaiter>.DefaultMaxWaiters)
{
    /// <summary>Default of the calls that may wait in all.</summary>
    public const int DefaultMaxWaiters = 4096;

    private readonly Dictionary<CacheKey, Flight> _flights = [];
    private readonly Dictionary<long, Place> _places = [];

    // A lower bound, made exact by the scan that it causes.
    private DateTimeOffset _nextDeadline = DateTimeOffset.MaxValue;

    /// <summary>Answers being fetched.</summary>
    public int Leaders => _flights.Count;

    /// <summary>Calls that wait.</summary>
    public int Waiters => _places.Count - _flights.Count;

    /// <summary>When <see cref="Tick"/> may have something to do at the earliest, if at all.</summary>
    public DateTimeOffset? NextTick => _flights.Count == 0 ? null : _nextDeadline;

    /// <summary>Whether somebody fetches this answer.</summary>
    public bool IsFetching(CacheKey key) => _flights.ContainsKey(key);

    /// <summary>Leads or waits.</summary>
    /// <param name="key">The answer.</param>
    /// <param name="generation">Of the look-up before (<see cref="CacheLookup.Generation"/>): who comes after an invalidation gets no answer from before it.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="InvalidOperationException">The call leads or waits already.</exception>
    public CoalescingRole Join(CacheKey key, long generation, in CoalescedCall<TWaiter> call)
    {
        if (_places.ContainsKey(call.CallId))
        {
            throw new InvalidOperationException($"Call {call.CallId} leads or waits already.");
        }

        if (!_flights.TryGetValue(key, out var flight))
        {
            flight = new Flight(key, generation, call);
            _flights.Add(key, flight);
            _places.Add(call.CallId, new Place(flight, null));
            _nextDeadline = Earlier(_nextDeadline, call.Deadline);
            return CoalescingRole.Leader;
        }

        if (flight.Generation != generation || Waiters >= maxWaiters)
        {
            return CoalescingRole.Alone;
        }

        _places.Add(call.CallId, new Place(flight, flight.Waiting.AddLast(call)));
        _nextDeadline = Earlier(_nextDeadline, call.Deadline);
        return CoalescingRole.Waiter;
    }

    /// <summary>
    /// The leader has an answer for all: returns who waits for it, in the order they came. Empty when the call does not lead (any more).
    /// </summary>
    public IReadOnlyCollection<CoalescedCall<TWaiter>> Complete(long leaderId)
    {
        if (!_places.TryGetValue(leaderId, out var place) || place.Node is not null)
        {
            return [];
        }

        _places.Remove(leaderId);
        _flights.Remove(place.Flight.Key);
        foreach (var call in place.Flight.Waiting)
        {
            _places.Remove(call.CallId);
        }

        return place.Flight.Waiting;
    }

    /// <summary>A call leaves: a waiter that cancelled, or a leader that failed, was cancelled, or got an answer that is not for the others.</summary>
    /// <returns>False when the call was not here.</returns>
    public bool Leave(long callId, DateTimeOffset now, List<CoalescingSignal<TWaiter>> signals)
    {
        if (!_places.Remove(callId, out var place))
        {
            return false;
        }

        if (place.Node is null)
        {
            Promote(place.Flight, now, signals);
        }
        else
        {
            place.Flight.Waiting.Remove(place.Node);
        }

        return true;
    }

    /// <summary>Ends waits whose deadline passed, and replaces leaders whose deadline passed: their carriers are lost.</summary>
    public void Tick(DateTimeOffset now, List<CoalescingSignal<TWaiter>> signals)
    {
        if (now < _nextDeadline)
        {
            return;
        }

        _nextDeadline = DateTimeOffset.MaxValue;
        foreach (var flight in _flights.Values)
        {
            ExpireWaiters(flight, now, signals);
            if (flight.Leader.Deadline <= now)
            {
                _places.Remove(flight.Leader.CallId);
                Promote(flight, now, signals);
            }

            _nextDeadline = Earlier(_nextDeadline, flight.Leader.Deadline <= now ? DateTimeOffset.MaxValue : flight.Leader.Deadline);
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private void ExpireWaiters(Flight flight, DateTimeOffset now, List<CoalescingSignal<TWaiter>> signals)
    {
        for (var node = flight.Waiting.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Deadline <= now)
            {
                Expire(flight, node, signals);
            }
            else
            {
                _nextDeadline = Earlier(_nextDeadline, node.Value.Deadline);
            }

            node = next;
        }
    }

    private void Promote(Flight flight, DateTimeOffset now, List<CoalescingSignal<TWaiter>> signals)
    {
        while (flight.Waiting.First is { } first)
        {
            if (first.Value.Deadline <= now)
            {
                Expire(flight, first, signals);
                continue;
            }

            flight.Leader = first.Value;
            flight.Waiting.RemoveFirst();
            _places[first.Value.CallId] = new Place(flight, null);
            signals.Add(new CoalescingSignal<TWaiter>(true, flight.Key, first.Value));
            return;
        }

        _flights.Remove(flight.Key);
    }

    private void Expire(Flight flight, LinkedListNode<CoalescedCall<TWaiter>> node, List<CoalescingSignal<TWaiter>> signals)
    {
        flight.Waiting.Remove(node);
        _places.Remove(node.Value.CallId);
        signals.Add(new CoalescingSignal<TWaiter>(false, flight.Key, node.Value));
    }

    /// <summary>One answer that is being fetched.</summary>
    private sealed class Flight(CacheKey key, long generation, CoalescedCall<TWaiter> leader)
    {
        internal CacheKey Key { get; } = key;

        internal long Generation { get; } = generation;

        internal CoalescedCall<TWaiter> Leader { get; set; } = leader;

        internal LinkedList<CoalescedCall<TWaiter>> Waiting { get; } = [];
    }

    /// <summary>Where a call is: leading (no node) or waiting.</summary>
    private readonly record struct Place(Flight Flight, LinkedListNode<CoalescedCall<TWaiter>>? Node);
}
