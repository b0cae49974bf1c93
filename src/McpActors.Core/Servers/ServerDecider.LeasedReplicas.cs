using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Slots;

namespace McpActors.Core.Servers;

// Replicas that other nodes send to by themselves: what they see goes into the one balancer, and what that leaves out they all leave out.
public sealed partial class ServerDecider
{
    private ReplicaBalancer? _toldReplicas;
    private int _toldVersion;

    private void CountAtReplicas(LeaseGrantor leases, DateTimeOffset now)
    {
        foreach (var outcome in leases.Outcomes)
        {
            if (_replicas is not { } replicas || (uint)outcome.Endpoint >= (uint)replicas.Count)
            {
                continue;
            }

            if (outcome.Verdict == CircuitVerdict.Failure)
            {
                _notes[outcome.Endpoint] = new ReplicaNote(now, outcome.Result?.ToString());
            }

            _health.Called(outcome.Endpoint, now);
            var change = replicas.Observe(outcome.Endpoint, outcome.Verdict, outcome.Count, now);
            Tell(change);
            LeaveEjected(change, now);
        }

        leases.Outcomes.Clear();
    }

    // Nothing new is sent there, and whether it is back is found out without a call.
    private void LeaveEjected(ReplicaChange? change, DateTimeOffset now)
    {
        if (change is { Phase: ReplicaPhase.Ejected })
        {
            // One that is being opened ends by its result, and one that waits for its time by that: calls may wait for it, and go on elsewhere then.
            if (_slots.SharedAt(change.Endpoint) is { Phase: SlotPhase.Ready } slot)
            {
                _slots.Retire(slot, "the replica is left out", atOnce: false, now);
            }

            LookAfterReplicas(now);
        }
    }

    private void TellLeftOut(LeaseGrantor leases)
    {
        var version = _replicas?.Version ?? 0;
        if (ReferenceEquals(_toldReplicas, _replicas) && _toldVersion == version)
        {
            return;
        }

        (_toldReplicas, _toldVersion) = (_replicas, version);
        leases.LeaveOut(_replicas?.LeftOut ?? []);
    }
}
