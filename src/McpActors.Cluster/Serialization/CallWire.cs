using Google.Protobuf;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Servers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Upstream;
using static McpActors.Cluster.Serialization.WireTypes;
using Journal = McpActors.Cluster.Serialization.Protos.Servers;
using Proto = McpActors.Cluster.Serialization.Protos.Calls;
using Server = McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Serialization;

/// <summary>What nodes say to the actors of servers.</summary>
internal static class CallWire
{
    private const int KeyBytes = 16;

    public static void Register(WireFormatBuilder wire)
    {
        RegisterCalls(wire);
        RegisterQuestions(wire);
        RegisterOrders(wire);
    }

    public static Proto.Parcel Write(Parcel parcel) =>
        new() { Node = parcel.Node, Key = parcel.Key, Size = parcel.Size, Hash = ToBytes(parcel.Hash) };

    public static Parcel Read(Proto.Parcel parcel) => new(parcel.Node, parcel.Key, parcel.Size, parcel.Hash.Memory);

    private static void RegisterCalls(WireFormatBuilder wire) => wire
        .Add<Server.Admit, Proto.Admit>(
            "server-admit-v1",
            c => new Proto.Admit { Server = c.Server.Value, Call = c.Call.Value, Intent = Write(c.Intent), Profile = c.Profile is null ? null : Write(c.Profile) },
            p => new Server.Admit(new ServerId(p.Server), new CallId(p.Call), Read(p.Intent), p.Profile is null ? null : Read(p.Profile)))
        .Add<Server.AttemptFailed, Proto.AttemptFailed>(
            "server-attempt-failed-v1",
            c => new Proto.AttemptFailed { Server = c.Server.Value, Call = c.Call.Value, Outcome = Write(c.Outcome), Connection = c.Connection.Value },
            p => new Server.AttemptFailed(new ServerId(p.Server), new CallId(p.Call), Read(p.Outcome), new ConnectionId(p.Connection)))
        .Add<Server.Complete, Proto.Complete>(
            "server-complete-v1",
            c => new Proto.Complete
            {
                Server = c.Server.Value,
                Call = c.Call.Value,
                Outcome = Write(c.Outcome),
                Connection = c.Connection.Value,
                // A large one goes beside; that one is here at all means that the actor has moved and does not know the call.
                Fill = c.Fill is not { Result.Length: <= Parcels.MostInMessage } fill ? null : new Proto.Fill
                {
                    Result = ToBytes(fill.Result),
                    Ttl = fill.Ttl.Ticks,
                    Scope = Write(fill.Scope),
                    Revision = ToText(fill.Revision),
                },
            },
            p => new Server.Complete(
                new ServerId(p.Server), new CallId(p.Call), Read(p.Outcome),
                p.Fill is null ? null : new CacheFill(p.Fill.Result.Memory, TimeSpan.FromTicks(p.Fill.Ttl), Read(p.Fill.Scope), ToRevision(p.Fill.Revision)),
                new ConnectionId(p.Connection)))
        .Add<CompleteBeside, Proto.Complete>(
            "server-complete-beside-v1",
            c => new Proto.Complete
            {
                Server = c.Server.Value,
                Call = c.Call.Value,
                Outcome = Write(c.Outcome),
                Connection = c.Connection.Value,
                Fill = new Proto.Fill { Parcel = Write(c.Result), Ttl = c.Ttl.Ticks, Scope = Write(c.Scope), Revision = ToText(c.Revision) },
            },
            p => new CompleteBeside(
                new ServerId(p.Server), new CallId(p.Call), Read(p.Outcome), Read(p.Fill.Parcel),
                TimeSpan.FromTicks(p.Fill.Ttl), Read(p.Fill.Scope), ToRevision(p.Fill.Revision), new ConnectionId(p.Connection)))
        .Add<Server.Abandon, Proto.Abandon>(
            "server-abandon-v1",
            c => new Proto.Abandon { Server = c.Server.Value, Call = c.Call.Value },
            p => new Server.Abandon(new ServerId(p.Server), new CallId(p.Call)))
        .Add<NewsForNodes, Proto.News>(
            "server-news-v1",
            n => new Proto.News { Server = n.Server.Value, Slot = n.Slot.Value, Message = ToBytes(n.Message) },
            p => new NewsForNodes(new ServerId(p.Server), new SlotKey(p.Slot), p.Message.Memory));

    private static void RegisterQuestions(WireFormatBuilder wire) => wire
        .Add<Server.ReleaseSlot, Proto.ReleaseSlot>(
            "server-release-slot-v1",
            c => new Proto.ReleaseSlot { Server = c.Server.Value, Slot = c.Slot.Value },
            p => new Server.ReleaseSlot(new ServerId(p.Server), new SlotKey(p.Slot)))
        .Add<Server.GetStatus, Proto.GetStatus>(
            "server-get-status-v1",
            q => new Proto.GetStatus { Server = q.Server.Value },
            p => new Server.GetStatus(new ServerId(p.Server)))
        .Add<Server.GetCatalogue, Proto.GetCatalogue>(
            "server-get-catalogue-v1",
            Write,
            Read);

    private static void RegisterOrders(WireFormatBuilder wire) => wire
        .Add<Server.SetCircuitMode, Proto.SetCircuitMode>("server-set-circuit-mode-v1", Write, Read)
        .Add<Server.ResetCircuit, Proto.Order>(
            "server-reset-circuit-v1",
            c => new Proto.Order { Server = c.Server.Value, Actor = c.Actor },
            p => new Server.ResetCircuit(new ServerId(p.Server), p.Actor))
        .Add<Server.ClearCache, Proto.Order>(
            "server-clear-cache-v1",
            c => new Proto.Order { Server = c.Server.Value, Actor = c.Actor },
            p => new Server.ClearCache(new ServerId(p.Server), p.Actor))
        .Add<Server.Restart, Proto.Order>(
            "server-restart-v1",
            c => new Proto.Order { Server = c.Server.Value, Actor = c.Actor },
            p => new Server.Restart(new ServerId(p.Server), p.Actor));

    private static Proto.GetCatalogue Write(Server.GetCatalogue asked)
    {
        var written = new Proto.GetCatalogue
        {
            Server = asked.Server.Value,
            Kinds = (int)asked.Kinds,
            Deadline = ToTicks(asked.Deadline),
            Effort = Names.Write<ListEffort, Proto.Effort>(asked.Effort),
        };
        if (asked.TimeLeft is { } left)
            written.TimeLeft = left.Ticks;
        return written;
    }

    private static Server.GetCatalogue Read(Proto.GetCatalogue asked) => new(new ServerId(asked.Server), (ListKinds)asked.Kinds, ToTime(asked.Deadline))
    {
        Effort = Names.Read<Proto.Effort, ListEffort>(asked.Effort),
        TimeLeft = asked.HasTimeLeft ? TimeSpan.FromTicks(asked.TimeLeft) : null,
    };

    private static Proto.SetCircuitMode Write(Server.SetCircuitMode set)
    {
        var written = new Proto.SetCircuitMode { Server = set.Server.Value, Mode = Names.Write<OperatorCircuitMode, Proto.Force>(set.Mode), Actor = set.Actor };
        if (set.Reason is not null)
            written.Reason = set.Reason;
        if (set.Ttl is { } ttl)
            written.Ttl = ttl.Ticks;
        return written;
    }

    private static Server.SetCircuitMode Read(Proto.SetCircuitMode set) => new(
        new ServerId(set.Server),
        Names.Read<Proto.Force, OperatorCircuitMode>(set.Mode),
        set.HasReason ? set.Reason : null,
        set.HasTtl ? TimeSpan.FromTicks(set.Ttl) : null,
        set.Actor);

    private static Proto.Intent Write(CallIntent intent)
    {
        var written = new Proto.Intent
        {
            Method = intent.Method.Text(),
            Slot = intent.Slot.Value,
            Tag = Names.Write<CacheKind, Proto.Tagged>(intent.Tag.Kind),
            Subject = intent.Tag.Subject,
            Deadline = ToTicks(intent.Deadline),
            Refresh = intent.Refresh,
        };
        if (intent.TimeLeft is { } left)
            written.TimeLeft = left.Ticks;
        if (intent.Target is not null)
            written.Target = intent.Target;
        if (intent.TraceParent is not null)
            written.TraceParent = intent.TraceParent;
        if (intent.Key is { } key)
        {
            var bytes = new byte[KeyBytes];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, key.Hash);
            written.Key = UnsafeByteOperations.UnsafeWrap(bytes);
        }

        return written;
    }

    private static CallIntent Read(Proto.Intent intent) => new(
        McpMethods.Find(intent.Method),
        intent.HasTarget ? intent.Target : null,
        new SlotKey(intent.Slot),
        intent.HasKey ? new CacheKey(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(intent.Key.Span)) : null,
        new CacheTag(Names.Read<Proto.Tagged, CacheKind>(intent.Tag), intent.Subject),
        ToTime(intent.Deadline),
        intent.HasTraceParent ? intent.TraceParent : null)
    {
        Refresh = intent.Refresh,
        TimeLeft = intent.HasTimeLeft ? TimeSpan.FromTicks(intent.TimeLeft) : null,
    };

    private static Proto.Profile Write(ClientProfile profile) =>
        new() { Revision = ToText(profile.Revision), Capabilities = ToBytes(profile.Capabilities), ClientInfo = ToBytes(profile.ClientInfo) };

    private static ClientProfile Read(Proto.Profile profile) => new(ToRevision(profile.Revision), profile.Capabilities.Memory, profile.ClientInfo.Memory);

    private static Proto.Outcome Write(AttemptOutcome outcome)
    {
        var written = new Proto.Outcome
        {
            Result = Names.Write<AttemptResult, Proto.Result>(outcome.Result),
            Sent = outcome.Sent,
            FirstByte = outcome.FirstByte,
            Latency = outcome.Latency.Ticks,
        };
        if (outcome.RetryAfter is { } after)
            written.RetryAfter = after.Ticks;
        if (outcome.StatusCode is { } status)
            written.StatusCode = status;
        if (outcome.ErrorCode is { } error)
            written.ErrorCode = error;
        return written;
    }

    private static AttemptOutcome Read(Proto.Outcome outcome) => new(
        Names.Read<Proto.Result, AttemptResult>(outcome.Result),
        outcome.Sent,
        outcome.FirstByte,
        TimeSpan.FromTicks(outcome.Latency),
        outcome.HasRetryAfter ? TimeSpan.FromTicks(outcome.RetryAfter) : null,
        outcome.HasStatusCode ? outcome.StatusCode : null,
        outcome.HasErrorCode ? outcome.ErrorCode : null);

    private static Journal.Scope Write(CacheScope scope) => Names.Write<CacheScope, Journal.Scope>(scope);

    private static CacheScope Read(Journal.Scope scope) => Names.Read<Journal.Scope, CacheScope>(scope);
}
