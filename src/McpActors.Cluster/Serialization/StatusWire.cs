using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Upstream;
using static McpActors.Cluster.Serialization.WireTypes;
using Calls = McpActors.Cluster.Serialization.Protos.Calls;
using HealthProto = McpActors.Cluster.Serialization.Protos.Health;
using Journal = McpActors.Cluster.Serialization.Protos.Servers;
using Proto = McpActors.Cluster.Serialization.Protos.Status;
using Server = McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Serialization;

/// <summary>The state of servers, for people.</summary>
internal static class StatusWire
{
    public static void Register(WireFormatBuilder wire) => wire
        .Add<ServerStatus, Proto.ServerStatus>("server-status-v1", Write, Read)
        .Add<Server.OperatorDone, Proto.OperatorDone>(
            "server-operator-done-v1",
            r => new Proto.OperatorDone { Server = r.Server.Value, Text = r.Text, Status = Write(r.Status) },
            p => new Server.OperatorDone(new ServerId(p.Server), p.Text, Read(p.Status)));

    internal static Proto.ServerStatus Write(ServerStatus status)
    {
        var written = new Proto.ServerStatus
        {
            Server = status.Server.Value,
            Condition = Names.Write<ServerCondition, Proto.Condition>(status.Condition),
            Transport = status.Transport,
            Peer = status.Peer is null ? null : AnswerWire.Write(status.Peer),
            Recovered = status.Recovered,
            Circuit = Write(status.Circuit),
            Cache = Write(status.Cache),
            Load = Write(status.Load),
            LastErrors = { status.LastErrors.Select(Write) },
            Slots = { status.Slots.Select(Write) },
            Replicas = { status.Replicas.Select(Write) },
            Lists = { status.Lists.Select(Write) },
            Healing = Write(status.Healing),
            Leases = status.Leases is null ? null : Write(status.Leases),
            LastProbe = status.LastProbe is null ? null : HealthWire.Write(status.LastProbe),
        };
        if (status.Reason is not null)
            written.Reason = status.Reason;
        if (status.OwnerNode is not null)
            written.Owner = status.OwnerNode;
        if (status.Era is { } era)
            written.Era = ToText(era);
        return written;
    }

    internal static ServerStatus Read(Proto.ServerStatus status) => new()
    {
        Server = new ServerId(status.Server),
        Condition = Names.Read<Proto.Condition, ServerCondition>(status.Condition),
        Reason = status.HasReason ? status.Reason : null,
        OwnerNode = status.HasOwner ? status.Owner : null,
        Transport = status.Transport,
        Era = status.HasEra ? ToRevision(status.Era) : null,
        Peer = status.Peer is null ? null : AnswerWire.Read(status.Peer),
        Recovered = status.Recovered,
        Circuit = Read(status.Circuit),
        Cache = Read(status.Cache),
        Load = Read(status.Load),
        LastErrors = [.. status.LastErrors.Select(Read)],
        Slots = [.. status.Slots.Select(Read)],
        Replicas = [.. status.Replicas.Select(Read)],
        Lists = [.. status.Lists.Select(Read)],
        Healing = Read(status.Healing),
        Leases = status.Leases is null ? null : Read(status.Leases),
        LastProbe = status.LastProbe is null ? null : HealthWire.Read(status.LastProbe),
    };

    private static Proto.Circuit Write(CircuitStatus circuit)
    {
        var written = new Proto.Circuit
        {
            State = Names.Write<CircuitPhase, Journal.Phase>(circuit.State),
            Mode = Names.Write<CircuitMode, Journal.Mode>(circuit.Mode),
            Successes = circuit.Window.Successes,
            Failures = circuit.Window.Failures,
            Slow = circuit.Window.Slow,
            ConsecutiveFailures = circuit.ConsecutiveFailures,
            ProbesInFlight = circuit.ProbesInFlight,
        };
        if (circuit.Since is { } since)
            written.Since = ToTicks(since);
        if (circuit.Until is { } until)
            written.Until = ToTicks(until);
        if (circuit.Reason is not null)
            written.Reason = circuit.Reason;
        return written;
    }

    private static CircuitStatus Read(Proto.Circuit circuit) => new(
        Names.Read<Journal.Phase, CircuitPhase>(circuit.State),
        Names.Read<Journal.Mode, CircuitMode>(circuit.Mode),
        circuit.HasSince ? ToTime(circuit.Since) : null,
        circuit.HasUntil ? ToTime(circuit.Until) : null,
        circuit.HasReason ? circuit.Reason : null,
        new CircuitCounts(circuit.Successes, circuit.Failures, circuit.Slow),
        circuit.ConsecutiveFailures,
        circuit.ProbesInFlight);

    private static Proto.Cache Write(CacheStatus cache) => new()
    {
        Entries = cache.Entries,
        Bytes = cache.Bytes,
        Hits = cache.Hits,
        Misses = cache.Misses,
        StaleServed = cache.StaleServed,
        Evictions = cache.Evictions,
        Coalesced = cache.Coalesced,
    };

    private static CacheStatus Read(Proto.Cache cache) =>
        new(cache.Entries, cache.Bytes, cache.Hits, cache.Misses, cache.StaleServed, cache.Evictions, cache.Coalesced);

    private static Proto.Load Write(LoadStatus load) => new()
    {
        InFlight = load.InFlight,
        Max = load.Max,
        Queued = load.Queued,
        QueueLimit = load.QueueLimit,
        Waiting = load.Waiting,
        RetriesLeft = load.RetriesLeft,
        Calls = load.Calls,
        Retries = load.Retries,
        Rejections = load.Rejections,
    };

    private static LoadStatus Read(Proto.Load load) =>
        new(load.InFlight, load.Max, load.Queued, load.QueueLimit, load.Waiting, load.RetriesLeft, load.Calls, load.Retries, load.Rejections);

    private static Proto.Leases Write(LeasesStatus leases) => new()
    {
        OwnLimit = leases.OwnLimit,
        OwnInUse = leases.OwnInUse,
        Legacy = leases.Legacy,
        Holders =
        {
            leases.Holders.Select(lease => new Proto.Lease
            {
                Node = lease.Node, Permits = lease.Permits, InUse = lease.InUse, Wanted = lease.Wanted, ExpiresAt = ToTicks(lease.ExpiresAt),
            }),
        },
    };

    private static LeasesStatus Read(Proto.Leases leases) => new(
        leases.OwnLimit, leases.OwnInUse, leases.Legacy,
        [.. leases.Holders.Select(lease => new LeaseStatus(lease.Node, lease.Permits, lease.InUse, lease.Wanted, ToTime(lease.ExpiresAt)))]);

    private static Proto.Failure Write(FailureNote note)
    {
        var written = new Proto.Failure { At = ToTicks(note.At), What = note.What, Result = Names.Write<AttemptResult, Calls.Result>(note.Result) };
        if (note.Text is not null)
            written.Text = note.Text;
        return written;
    }

    private static FailureNote Read(Proto.Failure note) =>
        new(ToTime(note.At), note.What, Names.Read<Calls.Result, AttemptResult>(note.Result), note.HasText ? note.Text : null);

    private static Proto.Slot Write(SlotStatus slot)
    {
        var written = new Proto.Slot { Slot_ = slot.Slot.Value, State = slot.State, Since = ToTicks(slot.Since), InFlight = slot.InFlight };
        if (slot.Connection is { } connection)
            written.Connection = connection.Value;
        if (slot.ProcessId is { } process)
            written.ProcessId = process;
        if (slot.LastError is not null)
            written.LastError = slot.LastError;
        if (slot.Replica is { } replica)
            written.Replica = replica;
        return written;
    }

    private static SlotStatus Read(Proto.Slot slot) => new(
        new SlotKey(slot.Slot_),
        slot.State,
        slot.HasConnection ? new ConnectionId(slot.Connection) : null,
        slot.HasProcessId ? slot.ProcessId : null,
        ToTime(slot.Since),
        slot.InFlight,
        slot.HasLastError ? slot.LastError : null,
        slot.HasReplica ? slot.Replica : null);

    private static Proto.Replica Write(ReplicaStatus replica)
    {
        var written = new Proto.Replica
        {
            Index = replica.Index,
            Address = replica.Address,
            Weight = replica.Weight,
            Phase = Names.Write<ReplicaPhase, Proto.ReplicaPhase>(replica.Phase),
            Reachable = replica.Reachable,
            Outstanding = replica.Outstanding,
            ConsecutiveFailures = replica.ConsecutiveFailures,
        };
        if (replica.Until is { } until)
            written.Until = ToTicks(until);
        if (replica.LastErrorAt is { } at)
            written.LastErrorAt = ToTicks(at);
        if (replica.LastError is not null)
            written.LastError = replica.LastError;
        if (replica.Health != HealthVerdict.Unknown)
            written.Health = Names.Write<HealthVerdict, HealthProto.Verdict>(replica.Health);
        if (replica.ProbedAt is { } probed)
            written.ProbedAt = ToTicks(probed);
        return written;
    }

    private static ReplicaStatus Read(Proto.Replica replica) => new(
        replica.Index,
        replica.Address,
        replica.Weight,
        Names.Read<Proto.ReplicaPhase, ReplicaPhase>(replica.Phase),
        replica.HasUntil ? ToTime(replica.Until) : null,
        replica.Reachable,
        replica.Outstanding,
        replica.ConsecutiveFailures,
        replica.HasLastErrorAt ? ToTime(replica.LastErrorAt) : null,
        replica.HasLastError ? replica.LastError : null)
    {
        Health = replica.Health == HealthProto.Verdict.Unspecified ? HealthVerdict.Unknown : Names.Read<HealthProto.Verdict, HealthVerdict>(replica.Health),
        ProbedAt = replica.HasProbedAt ? ToTime(replica.ProbedAt) : null,
    };

    private static Proto.ListInfo Write(ListStatus list) => new()
    {
        Kind = Names.Write<ListKind, Journal.Kind>(list.Kind),
        Count = list.Count,
        FetchedAt = ToTicks(list.FetchedAt),
        Fresh = list.Fresh,
        Hash = list.Hash,
    };

    private static ListStatus Read(Proto.ListInfo list) =>
        new(Names.Read<Journal.Kind, ListKind>(list.Kind), list.Count, ToTime(list.FetchedAt), list.Fresh, list.Hash);

    private static Proto.Healing Write(HealingStatus healing) => new()
    {
        Sessions = healing.SessionsReinitialised,
        Processes = healing.ProcessesRespawned,
        Connections = healing.ConnectionsReplaced,
        Starts = healing.Starts,
    };

    private static HealingStatus Read(Proto.Healing healing) => new(healing.Sessions, healing.Processes, healing.Connections, healing.Starts);
}
