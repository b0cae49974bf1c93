using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using McpActors.Core.Membership;

namespace McpActors.Cluster.Lifecycle;

/// <summary>One per node: lets it refuse calls while it is cut off from the majority, as <see cref="MajorityRule"/> says.</summary>
internal sealed class MajorityWatch : ReceiveActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Akka.Cluster.Cluster _cluster;
    private readonly DrainGate _gate;
    private readonly TimeSpan _hold;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private MajorityState _state = MajorityState.Whole;

    public MajorityWatch(Akka.Cluster.Cluster cluster, DrainGate gate, TimeSpan hold, TimeProvider time)
    {
        (_cluster, _gate, _hold, _time, _begun) = (cluster, gate, hold, time, time.GetTimestamp());
        Receive<LookDue>(_ => OnLookDue());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="cluster">What the node sees of the cluster.</param>
    /// <param name="gate">Refuses calls, or takes them again.</param>
    /// <param name="hold">For how long the majority must be missing.</param>
    /// <param name="time">The clock.</param>
    public static Props Props(Akka.Cluster.Cluster cluster, DrainGate gate, TimeSpan hold, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new MajorityWatch(cluster, gate, hold, time));

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(LookDue), LookDue.Instance, MajorityRule.LookEvery);

    private void OnLookDue()
    {
        var before = _state;
        _state = MajorityRule.Look(_state, View(), _hold, _time.GetElapsedTime(_begun));
        if (_state.CutOff == before.CutOff)
        {
            return;
        }

        _gate.IsCutOff = _state.CutOff;
        if (_state.CutOff)
        {
            _log.Warning("Cut off from the majority of the cluster: calls are refused until it is back or this node is given up. Out of reach: {Nodes}",
                string.Join(", ", _cluster.State.Unreachable.Select(member => member.Address)));
        }
        else
        {
            _log.Info("The majority of the cluster is back; calls are taken again");
        }
    }

    private MajorityView View()
    {
        var state = _cluster.State;
        if (state.Unreachable.IsEmpty)
        {
            return new MajorityView(1, 1, LowestInReach: true);
        }

        // Those that the resolver counts. A node that is not among them yet takes no calls anyway.
        var counted = state.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving).ToList();
        if (!counted.Exists(member => member.UniqueAddress.Equals(_cluster.SelfUniqueAddress)))
        {
            return new MajorityView(1, 1, LowestInReach: true);
        }

        var inReach = counted.Where(member => !IsOutOfReach(member, state)).ToList();
        return new MajorityView(counted.Count, inReach.Count, inReach.Contains(counted.MinBy(member => member.Address, Member.AddressOrdering)!));
    }

    // Unreachable is who any member says is: where two others lost each other, this node may still have both.
    private bool IsOutOfReach(Member member, ClusterEvent.CurrentClusterState state) =>
        state.Unreachable.Contains(member)
        && !(_cluster.FailureDetector.IsMonitoring(member.Address) && _cluster.FailureDetector.IsAvailable(member.Address));

    private sealed record LookDue : INoSerializationVerificationNeeded
    {
        public static LookDue Instance { get; } = new();
    }
}
