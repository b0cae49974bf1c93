using System.Diagnostics.CodeAnalysis;
using Akka;
using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Persistence;

namespace McpActors.Cluster.Membership;

/// <summary>
/// The way of a node into its cluster by fixed seeds. Any node may join through a seed; only the first seed may form a new cluster, and it does so only when the
/// store shows that no other lives: a first seed that was given up in a partition, and is started anew behind it, must wait and not become a second cluster.
/// Joining → (first seed, no sign of life) Forming → Member, which counts the mark up until it leaves.
/// </summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "An actor's end is PostStop, which disposes them.")]
internal sealed class ClusterFormation : ReceiveActor, IWithTimers
{
    private const string Timer = "mark";

    /// <summary>Between counts of a member.</summary>
    private static readonly TimeSpan Raise = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan StoreTime = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopped = new();
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IReadOnlyList<Address> _seeds;
    private readonly ClusterMark _mark;
    private readonly TimeSpan _look;
    private Looked? _last;
    private bool _isMember;

    public ClusterFormation(IReadOnlyList<Address> seeds, ClusterMark mark, TimeSpan look)
    {
        _look = look;
        _seeds = seeds;
        _mark = mark;
        Receive<Due>(_ => OnDue());
        Receive<Joined>(_ => OnJoined());
        Receive<Looked>(OnLooked);
        Receive<Raised>(_ => Timers.StartSingleTimer(Timer, Due.Instance, Raise));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool IsFirst => _seeds[0].Equals(_cluster.SelfAddress);

    public static Props Props(IReadOnlyList<Address> seeds, ClusterMark mark, TimeSpan look) =>
        Akka.Actor.Props.Create(() => new ClusterFormation(seeds, mark, look));

    /// <summary>Takes the mark away when the last member leaves in good order.</summary>
    public static void RemoveAtEnd(ActorSystem system, INodes nodes, ClusterMark mark)
    {
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "remove-mark", async () =>
        {
            if (!nodes.Alone || shutdown.ShutdownReason is CoordinatedShutdown.ClusterDowningReason)
                return Done.Instance;
            using var limit = new CancellationTokenSource(EndTime);
            try
            {
                await mark.RemoveAsync(limit.Token);
            }
            catch (Exception fault) when (StoreFault.IsOutage(fault) || fault is OperationCanceledException)
            {
                // The next start waits a little longer.
            }

            return Done.Instance;
        });
    }

    protected override void PreStart()
    {
        var self = Self;
        _cluster.RegisterOnMemberUp(() => self.Tell(Joined.Instance));
        // Whoever is in a cluster is asked at once, so that a restart waits for nothing.
        if (_seeds.Where(seed => !seed.Equals(_cluster.SelfAddress)).ToList() is { Count: > 0 } others)
            _cluster.JoinSeedNodes(others);
        if (IsFirst)
            OnDue();
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void OnJoined()
    {
        // Not read from the cluster's state, which may be a moment behind this message.
        _isMember = true;
        OnDue();
    }

    private void OnDue()
    {
        if (_isMember)
            RaiseAsync(_mark, _cluster.SelfAddress.ToString(), _stopped.Token).PipeTo(Self);
        else if (IsFirst)
            LookAsync(_mark, _stopped.Token).PipeTo(Self);
    }

    private void OnLooked(Looked looked)
    {
        if (_isMember)
            return;
        // A store that does not answer twice keeps no cluster from forming: nothing can be written twice in it either.
        if (looked.Count == 0 || looked == _last)
        {
            _cluster.JoinSeedNodes(_seeds);
            return;
        }

        if (_last is not null)
            _log.Warning("Other nodes of this cluster are alive, as the store shows, and none of the seeds is reached ({Seeds}): this node waits for them and forms no cluster of its own", string.Join(", ", _seeds));
        _last = looked;
        Timers.StartSingleTimer(Timer, Due.Instance, _look);
    }

    private static async Task<Raised> RaiseAsync(ClusterMark mark, string owner, CancellationToken stopped)
    {
        await TryAsync(ct => mark.RaiseAsync(owner, ct), stopped);
        return Raised.Instance;
    }

    private static async Task<Looked> LookAsync(ClusterMark mark, CancellationToken stopped)
    {
        long? count = null;
        await TryAsync(async ct => count = await mark.ReadAsync(ct), stopped);
        return new Looked(count);
    }

    /// <summary>In vain while the store is away: the journal's own probe says so.</summary>
    private static async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken stopped)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        limit.CancelAfter(StoreTime);
        try
        {
            // SQLite blocks its thread while it waits for a lock.
            await Task.Run(() => work(limit.Token), limit.Token);
        }
        catch (Exception fault) when (StoreFault.IsOutage(fault) || fault is OperationCanceledException)
        {
            // Tried again later.
        }
    }

    /// <summary>What the store showed; null: it did not answer.</summary>
    private sealed record Looked(long? Count) : INoSerializationVerificationNeeded;

    private sealed record Raised : INoSerializationVerificationNeeded
    {
        public static Raised Instance { get; } = new();
    }

    private sealed record Joined : INoSerializationVerificationNeeded
    {
        public static Joined Instance { get; } = new();
    }

    private sealed record Due : INoSerializationVerificationNeeded
    {
        public static Due Instance { get; } = new();
    }
}
