using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace McpActors.Cluster.Nodes;

/// <summary>The members as this node knows them. Written by the node's <see cref="NodeAgent"/> alone, read by everybody.</summary>
internal sealed class NodeDirectory : INodes
{
    private const int TokenBytes = 32;

    private readonly ConcurrentDictionary<int, NodeCard> _cards = new();
    private readonly ConcurrentDictionary<int, CancellationTokenSource> _lives = new();
    // Never forgotten: a number for each start of another node in this one's life.
    private readonly ConcurrentDictionary<int, bool> _gone = new();
    private TaskCompletionSource<int> _loss = NewLoss();
    private Uri? _address;
    private int _self;
    private int _others;
    private long _lostAt;
    private volatile bool _hadCompany;

    public int Self => Volatile.Read(ref _self);

    public bool Alone => Volatile.Read(ref _others) == 0;

    /// <summary>Whether there ever was another member in this node's life.</summary>
    public bool HadCompany => _hadCompany;

    /// <summary>How long ago a member was lost that had not left by itself.</summary>
    public TimeSpan SinceLoss => Volatile.Read(ref _lostAt) is var at and not 0 ? System.Diagnostics.Stopwatch.GetElapsedTime(at) : TimeSpan.MaxValue;

    public string Token { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));

    public Task<int> NextLoss => Volatile.Read(ref _loss).Task;

    /// <summary>The card of this node; null until its internal listener is open.</summary>
    public NodeCard? Own => Volatile.Read(ref _address) is { } address ? new NodeCard(Self, address, Token) : null;

    public IEnumerable<NodeCard> Others => _cards.Values;

    public NodeCard? Find(int node) => _cards.GetValueOrDefault(node);

    public bool IsGone(int node) => _gone.ContainsKey(node);

    public CancellationToken EndOf(int node) => _lives.TryGetValue(node, out var life) ? life.Token : new CancellationToken(canceled: true);

    public void Announce(Uri address) => Volatile.Write(ref _address, address);

    /// <summary>This node's life begins.</summary>
    public void Begin(int self) => Volatile.Write(ref _self, self);

    /// <summary>So many other members there are now.</summary>
    public void Count(int others)
    {
        _hadCompany |= others > 0;
        Volatile.Write(ref _others, others);
    }

    /// <summary>A member was taken for dead: it may be alive, and where nobody can ask it.</summary>
    public void NoteLost() => Volatile.Write(ref _lostAt, System.Diagnostics.Stopwatch.GetTimestamp());

    public void Add(NodeCard card)
    {
        _lives.TryAdd(card.Node, new CancellationTokenSource());
        _cards[card.Node] = card;
    }

    /// <summary>A life is over: nothing new is begun with it.</summary>
    public void Remove(int node) => _cards.TryRemove(node, out _);

    /// <summary>Tells those that wait for an answer that somebody is gone who may have owed it, and ends what is under way there.</summary>
    public void TellLoss(int node)
    {
        // Noted before it is told: who waits for the next loss looks here afterwards.
        _gone[node] = true;
        Interlocked.Exchange(ref _loss, NewLoss()).TrySetResult(node);
        // Not disposed: who has its token may still ask it. Without a timer there is nothing to give back.
        if (_lives.TryRemove(node, out var life))
            life.Cancel();
    }

    private static TaskCompletionSource<int> NewLoss() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
