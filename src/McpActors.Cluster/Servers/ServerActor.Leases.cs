using Akka.Actor;
using Akka.Event;
using McpActors.Core.Servers.Lease;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// Leases: what other nodes admit by themselves. Their reports come in, what the decider says to them goes out.
internal sealed partial class ServerActor
{
    private Dictionary<HolderId, IActorRef>? _holders;

    // Names this life of the actor to the holders.
    private long _lease;

    // Nodes that have not said yet what they hold of a predecessor's permits; null when nobody is waited for.
    private HashSet<int>? _unheard;

    // A predecessor may have given leases that still live. Asked for them, all nodes answer within milliseconds, or the time of the leases decides.
    private void TakeOverLeases()
    {
        if (_node.Peers is not { HadCompany: true } peers || !_decider.MayHaveBeenLeased)
        {
            return;
        }

        _lease = _node.NextConnection();
        Decide(now => _decider.OpenLeases(_lease, takesOver: true, now));
        if (!peers.LostOneWithin(LeaseOptions.Default.Validity + LeaseOptions.Default.Margin))
        {
            _unheard = [.. peers.Ask(new LeaseProtocol.WhoHolds(_server, _lease), Self)];
        }
    }

    private void OnLeaseReport(LeaseProtocol.Report message)
    {
        var now = Now;
        _lastUse = now;
        Refresh(now);
        if (!_decider.Leases)
        {
            _lease = _node.NextConnection();
            _decider.OpenLeases(_lease, takesOver: false, now);
        }

        var holder = message.Said.Holder;
        (_holders ??= [])[holder] = Sender;
        if (_decider.TakeReport(message.Said, now) == LeaseReceiptKind.Outranked)
        {
            _log.Error("{Server} has another owner, whose leases live though all leases before this one's must have ended; this one stops", _server);
            Context.Stop(Self);
            return;
        }

        Finish(now);
        if (message.Said.Releases)
        {
            _holders.Remove(holder);
        }

        // A report from before the question says nothing about what may come after it.
        if (message.Said.AskedBy == _lease)
        {
            OnHeard((int)(holder.Incarnation >> 32));
        }
    }

    private void OnHeard(int node)
    {
        if (_unheard is { } unheard && unheard.Remove(node) && unheard.Count == 0)
        {
            _unheard = null;
            Decide(_decider.ConcludeTakeover);
        }
    }

    private void Tell(LeaseGrant grant)
    {
        if (_holders is { } holders && holders.TryGetValue(grant.Holder, out var holder))
        {
            holder.Tell(new LeaseProtocol.Tell(_server, grant));
        }
    }

    private object WithHint(object reply) =>
        reply is Admitted admitted && _decider.HintFor(admitted.Call) is { } hint ? admitted with { Lease = hint } : reply;

    private void ForgetHolders(int node)
    {
        if (_holders is not { } holders)
        {
            return;
        }

        foreach (var holder in holders.Keys.Where(holder => (int)(holder.Incarnation >> 32) == node).ToArray())
        {
            holders.Remove(holder);
        }
    }
}
