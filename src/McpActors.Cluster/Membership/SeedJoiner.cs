using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Hosting;
using McpActors.Core.Membership;

namespace McpActors.Cluster.Membership;

/// <summary>
/// Joins a node by the names of <c>cluster.seeds</c>: looks them up again and again until it is a member, and tells Akka whom to ask as <see cref="SeedRule"/> says.
/// Looking → Member (stopped).
/// </summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "An actor's end is PostStop, which disposes them.")]
internal sealed class SeedJoiner : ReceiveActor, IWithTimers
{
    private const string LookTimer = "look";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly NodeSettings _node;
    private readonly ISeedResolver _resolver;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private readonly SeedAddress _self;
    private SeedState _state = SeedState.Empty;
    private string _lastFault = "";

    public SeedJoiner(NodeSettings node, ISeedResolver resolver, TimeProvider time)
    {
        (_node, _resolver, _time) = (node, resolver, time);
        _begun = time.GetTimestamp();
        _self = new SeedAddress(IPAddress.Parse(_cluster.SelfAddress.Host), _cluster.SelfAddress.Port ?? 0);
        Receive<LookDue>(_ => OnLookDue());
        Receive<Found>(found => OnFound(found.Addresses));
        Receive<Failed>(failed => OnFailed(failed.Reason));
        Receive<Joined>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeSettings node, ISeedResolver resolver, TimeProvider time) => Akka.Actor.Props.Create(() => new SeedJoiner(node, resolver, time));

    protected override void PreStart()
    {
        var self = Self;
        _cluster.RegisterOnMemberUp(() => self.Tell(Joined.Instance));
        Self.Tell(LookDue.Instance);
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void OnLookDue() => LookAsync(_resolver, _node.SeedNames, _self.Port, _stopped.Token).PipeTo(Self);

    private static async Task<object> LookAsync(ISeedResolver resolver, IReadOnlyList<string> names, int port, CancellationToken ct)
    {
        try
        {
            var found = await Task.WhenAll(names.Select(name => resolver.ResolveAsync(name, ct)));
            return new Found([.. found.SelectMany(addresses => addresses).Select(address => new SeedAddress(address, port))]);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ArgumentException)
        {
            return new Failed(fault.Message);
        }
    }

    private void OnFound(IReadOnlyList<SeedAddress> found)
    {
        _lastFault = "";
        Take(found);
    }

    private void OnFailed(string reason)
    {
        if (reason != _lastFault)
            _log.Warning("{Names} of cluster.seeds cannot be looked up ({Reason}); the node goes on trying", string.Join(", ", _node.SeedNames), reason);
        _lastFault = reason;
        Take(null);
    }

    private void Take(IReadOnlyList<SeedAddress>? found)
    {
        var before = _state.Seen;
        (_state, var order) = SeedRule.Look(_state, _self, _node.RequiredSeeds, found, _time.GetElapsedTime(_begun));
        if (!_state.Seen.SequenceEqual(before))
            _log.Info("{Names} of cluster.seeds: {Nodes}; this node is {Self}", string.Join(", ", _node.SeedNames), string.Join(", ", _state.Seen), _self);
        if (order is not null)
            Follow(order);
        Timers.StartSingleTimer(LookTimer, LookDue.Instance, SeedRule.LookEvery);
    }

    private void Follow(SeedOrder order)
    {
        if (order.MayForm)
            _log.Info("This node is the first of {Count} and forms a new cluster unless one of the others is in one", order.Nodes.Length);
        _cluster.JoinSeedNodes(order.Nodes.Select(node => _cluster.SelfAddress.WithHost(node.Ip.ToString()).WithPort(node.Port)));
    }

    private sealed record LookDue : INoSerializationVerificationNeeded
    {
        public static LookDue Instance { get; } = new();
    }

    private sealed record Joined : INoSerializationVerificationNeeded
    {
        public static Joined Instance { get; } = new();
    }

    private sealed record Found(IReadOnlyList<SeedAddress> Addresses) : INoSerializationVerificationNeeded;

    private sealed record Failed(string Reason) : INoSerializationVerificationNeeded;
}
