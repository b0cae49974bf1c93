using System.Globalization;

namespace McpActors.Cluster.Feed;

/// <summary>A transition with its place in the feed of this node.</summary>
/// <param name="Id">For <c>Last-Event-ID</c>: the life of the feed and a number.</param>
/// <param name="Transition">The transition.</param>
public sealed record FeedEntry(string Id, Transition Transition);

/// <summary>What a reader gets.</summary>
/// <param name="Entries">In order.</param>
/// <param name="Missed">How many came between the reader's last one and these that are gone.</param>
/// <param name="Next">Where the reader goes on.</param>
public sealed record FeedPage(IReadOnlyList<FeedEntry> Entries, long Missed, long Next);

/// <summary>
/// The last transitions of the cluster as this node heard of them. Readers keep nothing but their place, so that any number of slow ones costs no memory:
/// who falls back further than <see cref="Capacity"/> is told how much it missed. Thread-safe.
/// </summary>
public sealed class TransitionFeed
{
    /// <summary>Transitions that are kept.</summary>
    public const int Capacity = 1024;

    private readonly Lock _lock = new();
    private readonly Transition[] _ring = new Transition[Capacity];
    private readonly string _life;
    private TaskCompletionSource _more = New();
    private long _count;

    /// <param name="life">Tells this life of the feed from others: places of another one mean nothing here.</param>
    public TransitionFeed(int life) => _life = life.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>The place after the newest transition: where a reader begins that wants only what is to come.</summary>
    public long End
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Adds one.</summary>
    public void Add(Transition transition)
    {
        TaskCompletionSource told;
        lock (_lock)
        {
            _ring[_count++ % Capacity] = transition;
            told = _more;
            _more = New();
        }

        told.TrySetResult();
    }

    /// <summary>The place after the transition with this id. Null: the id is of another node or life, or nonsense, and what came after it is not known here.</summary>
    public long? PlaceAfter(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && id.AsSpan(0, dash).SequenceEqual(_life)
            && long.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < End
            ? number + 1
            : null;
    }

    /// <summary>At most so many transitions from this place on.</summary>
    public FeedPage Read(long place, int limit)
    {
        lock (_lock)
        {
            var first = Math.Max(place, _count - Capacity);
            var last = Math.Min(_count, first + limit);
            var entries = new List<FeedEntry>();
            for (var i = first; i < last; i++)
                entries.Add(new FeedEntry($"{_life}-{i.ToString(CultureInfo.InvariantCulture)}", _ring[i % Capacity]));
            return new FeedPage(entries, first - place, last);
        }
    }

    /// <summary>Completes when there is something at this place.</summary>
    public Task WhenMoreAsync(long place)
    {
        lock (_lock)
        {
            return place < _count ? Task.CompletedTask : _more.Task;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
