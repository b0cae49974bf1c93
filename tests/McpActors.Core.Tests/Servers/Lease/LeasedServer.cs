using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Retry;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Tests.Servers.Decisions;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Lease;

/// <summary>The decider of a server that keeps no state, and nodes that call it under leases; messages go when the test says so.</summary>
internal sealed class LeasedServer
{
    internal const string Tool = "echo";

    private readonly List<LeasedCalls> _nodes = [];
    private readonly HashSet<LeasedCalls> _connected = [];
    private readonly PeerInfo _peer;
    private long _lastCall = 1_000;
    private long _owner = 100;

    internal LeasedServer(ServerSettings? settings = null, int nodes = 2, PeerInfo? peer = null)
    {
        Settings = settings ?? Modern;
        Driver = new DeciderDriver(Settings);
        var first = Driver.Admit().Call;
        _peer = peer ?? DeciderDriver.Peer(ProtocolRevision.V20260728, """{"tools":{}}""");
        Driver.Connect(_peer);
        if (Driver.Fetches.Count > 0)
        {
            Driver.Fetched(Tool);
        }

        Driver.Complete(first);
        for (var i = 0; i < nodes; i++)
        {
            _nodes.Add(new LeasedCalls(new HolderId($"n{i}", i + 1), LeasePair.Patient, Settings));
        }
    }

    internal static ServerSettings Modern { get; } = new()
    {
        Server = DeciderDriver.Server,
        Revision = "1",
        ConnectionFingerprint = "same",
        Concurrency = BulkheadOptions.Default with { Max = 20, Queue = 4, QueueTimeout = TimeSpan.FromSeconds(1) },
        Retry = RetryOptions.Default with { Attempts = 3, BaseDelay = TimeSpan.FromMilliseconds(100), Jitter = RetryJitter.None },
        ToolClasses = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(new Dictionary<string, CallClass> { [Tool] = CallClass.ReadOnlyTool }),
    };

    internal ServerSettings Settings { get; }

    internal DeciderDriver Driver { get; }

    internal ServerDecider Owner => Driver.Decider;

    internal DateTimeOffset Now => Driver.Now;

    internal LeasedCalls this[int node] => _nodes[node];

    /// <summary>What the owner has to say to holders now.</summary>
    internal List<LeaseGrant> Said()
    {
        Owner.ShareOut(Now);
        Driver.Flush();
        List<LeaseGrant> said = [.. Driver.Others.OfType<ServerEffect.Grant>().Select(effect => effect.Lease)];
        Driver.Others.Clear();
        return said;
    }

    /// <summary>Brings what the owner says to the holders; tells whom.</summary>
    internal string[] Deliver()
    {
        var said = Said();
        foreach (var grant in said)
        {
            var node = _nodes[grant.Holder.Node[1] - '0'];
            if (node.Apply(grant, Now) && node.Connectable is not null && !_connected.Contains(node))
            {
                _connected.Add(node);
                node.Connect([.. Enumerable.Range(0, Settings.Replicas.Count).Select(i => new ConnectionId(500 + _connected.Count + (100 * i)))]);
            }
        }

        return [.. said.Select(grant => grant.Holder.Node)];
    }

    /// <summary>A call that the owner admits at once, over a connection that is opened if need be.</summary>
    internal CallId RunAtOwner()
    {
        var (call, reply) = Driver.Admit(Intent());
        if (reply is null)
        {
            Driver.Connect(_peer);
            reply = Driver.ReplyTo(call);
        }

        reply.ShouldBeOfType<Admitted>();
        return call;
    }

    /// <summary>A node reports and is answered.</summary>
    internal LeaseReceiptKind Report(int node)
    {
        if (!Owner.Leases)
        {
            Owner.OpenLeases(++_owner, takesOver: false, Now);
        }

        var kind = Owner.TakeReport(this[node].TakeReport(Now), Now);
        Deliver();
        return kind;
    }

    internal CallIntent Intent(string tool = Tool, double seconds = 55) => Driver.Intent(McpMethod.ToolsCall, tool, deadline: TimeSpan.FromSeconds(seconds));

    internal CallId NextCall() => new(++_lastCall);

    internal LeaseStep Call(int node, out CallId call) => this[node].Admit(call = NextCall(), Intent(), Now);

    /// <summary>A node that has a lease and knows the tool.</summary>
    internal LeasedServer Lease(int node)
    {
        Call(node, out _).Kind.ShouldBe(LeaseStepKind.AskOwner);
        Report(node).ShouldBe(LeaseReceiptKind.Taken);
        var (asked, admitted) = Driver.Run(Intent());
        this[node].Learn(Intent(), admitted with { Lease = Owner.HintFor(asked) });
        Driver.Complete(asked);
        return this;
    }

    /// <summary>A call that must go under the lease.</summary>
    internal Admitted Run(int node)
    {
        var step = Call(node, out _);
        step.Kind.ShouldBe(LeaseStepKind.Answer, step.Reason.ToString());
        return step.Reply.ShouldBeOfType<Admitted>();
    }

    internal static AttemptOutcome Outcome(AttemptResult result, bool sent = true) => DeciderDriver.Outcome(result, sent);

    internal void End(int node, CallId call, AttemptResult result = AttemptResult.Success) => this[node].Complete(call, Outcome(result), Now).ShouldBeTrue();
}
