using System.Collections.Concurrent;
using Akka.Actor;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Lease;

namespace McpActors.Cluster.Servers.Leases;

/// <summary>
/// The leases of this node: one for each server that it calls and does not own, made by the second call within a short time and gone when it was given back. Thread-safe.
/// Nothing of it runs before <see cref="Start"/>, nor on a node alone.
/// </summary>
internal sealed class NodeLeases(LeaseServices services) : ILeaseReports
{
    /// <summary>How long a server that keeps state is not asked for a lease again.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ServerId, ServerLease> _leases = new();
    private readonly ConcurrentDictionary<ServerId, (ServerModel Model, DateTimeOffset Until)> _stateful = new();
    private readonly CalledLately _called = new(services.Options.IdleRelease);
    private readonly Lock _lock = new();
    private IActorRef? _region;
    private IActorRef _agent = ActorRefs.Nobody;
    private string _name = "";
    private uint _last;
    private bool _closed;

    /// <summary>The life of this node.</summary>
    public int Node { get; private set; }

    /// <summary>Whether there is any.</summary>
    public bool Any => !_leases.IsEmpty;

    /// <summary>The actor system runs.</summary>
    /// <param name="region">Where reports go.</param>
    /// <param name="agent">Where answers come.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="node">The life of the node.</param>
    public void Start(IActorRef region, IActorRef agent, string name, int node)
    {
        Node = node;
        _agent = agent;
        _name = name;
        Volatile.Write(ref _region, region);
    }

    /// <summary>The lease of a server, if there is one.</summary>
    public ServerLease? Find(ServerId server) => _leases.GetValueOrDefault(server);

    /// <summary>The lease for a call; null where there can be none, or none would pay.</summary>
    public ServerLease? For(ServerId server)
    {
        if (_leases.TryGetValue(server, out var lease))
            return lease;
        return MayLease(server) is { } model && _called.Again(server, services.Time.GetUtcNow()) ? Create(server, model) : null;
    }

    /// <inheritdoc/>
    public void Send(ServerId server, LeaseReport report) => Volatile.Read(ref _region)?.Tell(new LeaseProtocol.Report(server, report), _agent);

    /// <summary>The node leaves and its calls are over: what it holds is given back, and nothing is leased any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        foreach (var lease in _leases.Values)
            lease.Retire();
    }

    /// <summary>A lease is over.</summary>
    internal void Remove(ServerId server, ServerLease lease, ServerModel? stateful)
    {
        if (stateful is not null)
            _stateful[server] = (stateful, services.Time.GetUtcNow() + Rest);
        _leases.TryRemove(KeyValuePair.Create(server, lease));
    }

    private ServerModel? MayLease(ServerId server)
    {
        if (Volatile.Read(ref _region) is null || services.Models.Find(server) is not { Enabled: true, Transport: ServerTransport.Http } model)
            return null;
        if (!_stateful.TryGetValue(server, out var known))
            return model;
        if (ReferenceEquals(known.Model, model) && services.Time.GetUtcNow() < known.Until)
            return null;
        _stateful.TryRemove(KeyValuePair.Create(server, known));
        return model;
    }

    private ServerLease? Create(ServerId server, ServerModel model)
    {
        lock (_lock)
        {
            if (_closed)
                return null;
            if (_leases.TryGetValue(server, out var found))
                return found;
            // Never used again: what is late of a lease before this one means nothing to it.
            var self = new HolderId(_name, ((long)Node << 32) | ++_last);
            return _leases[server] = new ServerLease(self, model, this, services);
        }
    }
}
