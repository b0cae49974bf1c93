using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Lease;
using static McpActors.Cluster.Serialization.WireTypes;
using Calls = McpActors.Cluster.Serialization.Protos.Calls;
using Proto = McpActors.Cluster.Serialization.Protos.Leases;

namespace McpActors.Cluster.Serialization;

/// <summary>Leases between nodes.</summary>
internal static class LeaseWire
{
    public static void Register(WireFormatBuilder wire) => wire
        .Add<LeaseProtocol.Report, Proto.Report>("lease-report-v1", Write, Read)
        .Add<LeaseProtocol.Tell, Proto.Tell>("lease-tell-v1", Write, Read)
        .Add<LeaseProtocol.WhoHolds, Proto.WhoHolds>(
            "lease-who-holds-v1",
            q => new Proto.WhoHolds { Server = q.Server.Value, Owner = q.Owner },
            p => new LeaseProtocol.WhoHolds(new ServerId(p.Server), p.Owner))
        .Add<LeaseProtocol.HoldsNone, Proto.HoldsNone>(
            "lease-holds-none-v1",
            r => new Proto.HoldsNone { Server = r.Server.Value, Node = r.Node },
            p => new LeaseProtocol.HoldsNone(new ServerId(p.Server), p.Node));

    private static Proto.Report Write(LeaseProtocol.Report message)
    {
        var said = message.Said;
        return new Proto.Report
        {
            Server = message.Server.Value,
            Holder = Write(said.Holder),
            Number = said.Number,
            SentAt = ToTicks(said.SentAt),
            Applied = Write(said.Applied),
            Permits = said.Permits,
            InUse = said.InUse,
            Wanted = said.Wanted,
            Inherited = said.Inherited,
            RetriesLeft = said.RetriesLeft,
            AskedBy = said.AskedBy,
            Releases = said.Releases,
            Batches = { said.Batches.Select(Write) },
        };
    }

    private static LeaseProtocol.Report Read(Proto.Report message) => new(new ServerId(message.Server), new LeaseReport
    {
        Holder = Read(message.Holder),
        Number = message.Number,
        SentAt = ToTime(message.SentAt),
        Applied = Read(message.Applied),
        Permits = message.Permits,
        InUse = message.InUse,
        Wanted = message.Wanted,
        Inherited = message.Inherited,
        RetriesLeft = message.RetriesLeft,
        AskedBy = message.AskedBy,
        Releases = message.Releases,
        Batches = [.. message.Batches.Select(Read)],
    });

    private static Proto.Tell Write(LeaseProtocol.Tell message)
    {
        var grant = message.Grant;
        var written = new Proto.Tell
        {
            Server = message.Server.Value,
            Holder = Write(grant.Holder),
            Epoch = Write(grant.Epoch),
            Permits = grant.Permits,
            Fresh = grant.Fresh,
            Retries = grant.Retries,
            Circuit = CircuitWire.Write(grant.Circuit),
            Phase = grant.Phase,
            Answers = grant.Answers,
            AskedAt = ToTicks(grant.AskedAt),
            Confirmed = grant.Confirmed,
            Fingerprint = grant.Facts.Fingerprint,
            LeftOut = { grant.LeftOut.Select(replica => new Proto.LeftOut { Endpoint = replica.Endpoint, Ejection = replica.Ejection, Rest = replica.Rest.Ticks }) },
        };
        if (grant.CircuitRest is { } rest)
            written.CircuitRest = rest.Ticks;
        if (grant.Facts.Revision is { } revision)
            written.Revision = revision;
        if (grant.Facts.ServerInfo is { } info)
            written.ServerInfo = info;
        if (grant.Facts.Tools is { } tools)
            written.Tools = tools;
        return written;
    }

    private static LeaseProtocol.Tell Read(Proto.Tell message) => new(new ServerId(message.Server), new LeaseGrant
    {
        Holder = Read(message.Holder),
        Epoch = Read(message.Epoch),
        Permits = message.Permits,
        Fresh = message.Fresh,
        Retries = message.Retries,
        Circuit = CircuitWire.Read(message.Circuit),
        Phase = message.Phase,
        CircuitRest = message.HasCircuitRest ? TimeSpan.FromTicks(message.CircuitRest) : null,
        Answers = message.Answers,
        AskedAt = ToTime(message.AskedAt),
        Confirmed = message.Confirmed,
        Facts = new LeaseFacts(
            message.Fingerprint,
            message.HasRevision ? message.Revision : null,
            message.HasServerInfo ? message.ServerInfo : null,
            message.HasTools ? message.Tools : null),
        LeftOut = [.. message.LeftOut.Select(replica => new LeftOutReplica(replica.Endpoint, replica.Ejection, TimeSpan.FromTicks(replica.Rest)))],
    });

    private static Proto.Batch Write(OutcomeBatch batch) => new()
    {
        Owner = batch.Owner,
        Number = batch.Number,
        Calls = batch.Calls,
        Runs = { batch.Runs.Select(Write) },
    };

    private static OutcomeBatch Read(Proto.Batch batch) => new(batch.Owner, batch.Number, batch.Calls, [.. batch.Runs.Select(Read)]);

    private static Proto.Run Write(OutcomeRun run) => new()
    {
        Phase = run.Phase,
        Verdict = Names.Write<CircuitVerdict, Proto.Verdict>(run.Verdict),
        Slow = run.Slow,
        Unreachable = run.Unreachable,
        Refused = run.Refused,
        Count = run.Count,
        Result = run.Result is { } result ? Names.Write<AttemptResult, Calls.Result>(result) : Calls.Result.Unspecified,
        Endpoint = run.Endpoint,
        Own = run.Own,
    };

    private static OutcomeRun Read(Proto.Run run) =>
        new(run.Phase, Names.Read<Proto.Verdict, CircuitVerdict>(run.Verdict), run.Slow, run.Unreachable, run.Refused, run.Count)
        {
            Result = run.Result == Calls.Result.Unspecified ? null : Names.Read<Calls.Result, AttemptResult>(run.Result),
            Endpoint = run.Endpoint,
            Own = run.Own,
        };

    private static Proto.Holder Write(HolderId holder) => new() { Node = holder.Node, Incarnation = holder.Incarnation };

    private static HolderId Read(Proto.Holder? holder) => holder is null
        ? throw new InvalidDataException("A lease message does not say whose it is.")
        : new HolderId(holder.Node, holder.Incarnation);

    private static Proto.Epoch Write(LeaseEpoch epoch) => new() { Started = epoch.Started, Owner = epoch.Owner, Counter = epoch.Counter };

    private static LeaseEpoch Read(Proto.Epoch? epoch) => epoch is null ? default : new LeaseEpoch(epoch.Started, epoch.Owner, epoch.Counter);
}
