using McpActors.Cluster.Servers;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Upstream;
using static McpActors.Cluster.Serialization.WireTypes;
using Journal = McpActors.Cluster.Serialization.Protos.Servers;
using Proto = McpActors.Cluster.Serialization.Protos.Calls;
using Server = McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Serialization;

/// <summary>What the actors of servers answer.</summary>
internal static class AnswerWire
{
    public static void Register(WireFormatBuilder wire) => wire
        .Add<Server.Admitted, Proto.Admitted>(
            "server-admitted-v1",
            r => new Proto.Admitted
            {
                Call = r.Call.Value,
                Connection = r.Connection.Value,
                Attempt = r.Attempt,
                Timeout = r.AttemptTimeout.Ticks,
                Tool = r.Tool is null ? null : Write(r.Tool),
                Lease = r.Lease is null ? null : new Proto.LeaseHint { CallClass = Names.Write<CallClass, Proto.CallClass>(r.Lease.Class), Tools = r.Lease.Tools },
            },
            p => new Server.Admitted(
                new CallId(p.Call), new ConnectionId(p.Connection), p.Attempt, TimeSpan.FromTicks(p.Timeout), p.Tool is null ? null : Read(p.Tool))
            {
                Lease = p.Lease is null ? null : new LeaseHint(Names.Read<Proto.CallClass, CallClass>(p.Lease.CallClass), p.Lease.Tools),
            })
        .Add<Server.CacheHit, Proto.CacheHit>(
            "server-cache-hit-v1",
            r => new Proto.CacheHit
            {
                Call = r.Call.Value,
                Result = ToBytes(r.Result),
                Remaining = r.RemainingTtl.Ticks,
                Scope = Names.Write<CacheScope, Journal.Scope>(r.Scope),
                Stale = r.Stale,
                Revalidate = r.Revalidate,
                Revision = ToText(r.Revision),
            },
            p => new Server.CacheHit(
                new CallId(p.Call), p.Result.Memory, TimeSpan.FromTicks(p.Remaining), Names.Read<Journal.Scope, CacheScope>(p.Scope),
                p.Stale, p.Revalidate, ToRevision(p.Revision)))
        .Add<Server.Rejected, Proto.Rejected>("server-rejected-v1", Write, Read)
        .Add<Server.ProfileRequired, Proto.ProfileRequired>(
            "server-profile-required-v1",
            r => new Proto.ProfileRequired { Call = r.Call.Value },
            p => new Server.ProfileRequired(new CallId(p.Call)))
        .Add<Server.GaveUp, Proto.GaveUp>("server-gave-up-v1", Write, Read)
        .Add<Server.OperatorRefused, Proto.OperatorRefused>(
            "server-operator-refused-v1",
            r => new Proto.OperatorRefused { Server = r.Server.Value, Reason = r.Reason },
            p => new Server.OperatorRefused(new ServerId(p.Server), p.Reason))
        .Add<Server.CatalogueReply, Proto.CatalogueReply>("server-catalogue-v1", Write, Read)
        .Add<BesideReply, Proto.Beside>(
            "server-beside-v1",
            r => new Proto.Beside { Manifest = r.Manifest, Parcel = CallWire.Write(r.Parcel) },
            p => new BesideReply(p.Manifest, CallWire.Read(p.Parcel)));

    public static Proto.Peer Write(PeerInfo peer)
    {
        var written = new Proto.Peer { Revision = ToText(peer.Revision), Capabilities = ToBytes(peer.Capabilities), ServerInfo = ToBytes(peer.ServerInfo) };
        if (peer.Instructions is not null)
            written.Instructions = peer.Instructions;
        if (peer.Ttl is { } ttl)
            written.Ttl = ttl.Ticks;
        return written;
    }

    public static PeerInfo Read(Proto.Peer peer) => new(
        ToRevision(peer.Revision),
        peer.Capabilities.Memory,
        peer.ServerInfo.Memory,
        peer.HasInstructions ? peer.Instructions : null,
        peer.HasTtl ? TimeSpan.FromTicks(peer.Ttl) : null);

    public static Proto.List Write(ListCopy list) => new()
    {
        Kind = Names.Write<ListKind, Journal.Kind>(list.Kind),
        Items = ToBytes(list.ToJson()),
        FetchedAt = ToTicks(list.FetchedAt),
        Ttl = list.Ttl.Ticks,
        Scope = Names.Write<CacheScope, Journal.Scope>(list.Scope),
        Hash = list.Hash,
    };

    public static ListCopy Read(Proto.List list) => new ListCopy(
        Names.Read<Journal.Kind, ListKind>(list.Kind),
        [],
        ToTime(list.FetchedAt),
        TimeSpan.FromTicks(list.Ttl),
        Names.Read<Journal.Scope, CacheScope>(list.Scope),
        list.Hash).WithJson(list.Items.Span);

    private static Proto.ToolFacts Write(ToolFacts tool)
    {
        var written = new Proto.ToolFacts
        {
            Name = tool.Name,
            Hash = tool.DefinitionHash,
            ReadOnly = tool.Annotations.ReadOnly,
            Idempotent = tool.Annotations.Idempotent,
        };
        foreach (var header in tool.HeaderParameters)
            written.Headers.Add(new Proto.HeaderParameter { Path = { header.Path }, Header = header.Header, Type = header.Type });
        if (tool.HeaderFault is { } fault)
        {
            written.FaultPath = fault.Path;
            written.FaultRule = Names.Write<HeaderSchemaRule, Proto.HeaderRule>(fault.Rule);
        }

        return written;
    }

    private static ToolFacts Read(Proto.ToolFacts tool) => new(
        tool.Name,
        tool.Hash,
        [.. tool.Headers.Select(header => new HeaderParameter([.. header.Path], header.Header, header.Type))],
        new ToolAnnotations(tool.ReadOnly, tool.Idempotent))
    {
        HeaderFault = tool.HasFaultPath ? new HeaderSchemaFault(Names.Read<Proto.HeaderRule, HeaderSchemaRule>(tool.FaultRule), tool.FaultPath) : null,
    };

    private static Proto.Rejected Write(Server.Rejected rejected)
    {
        var written = new Proto.Rejected { Call = rejected.Call.Value, Reason = Names.Write<RejectReason, Proto.Reject>(rejected.Reason), Text = rejected.Text };
        if (rejected.Since is { } since)
            written.Since = ToTicks(since);
        if (rejected.RetryAfter is { } after)
            written.RetryAfter = after.Ticks;
        return written;
    }

    private static Server.Rejected Read(Proto.Rejected rejected) => new(
        new CallId(rejected.Call),
        Names.Read<Proto.Reject, RejectReason>(rejected.Reason),
        rejected.HasSince ? ToTime(rejected.Since) : null,
        rejected.HasRetryAfter ? TimeSpan.FromTicks(rejected.RetryAfter) : null,
        rejected.Text);

    private static Proto.GaveUp Write(Server.GaveUp gaveUp)
    {
        var written = new Proto.GaveUp { Call = gaveUp.Call.Value, Reason = Names.Write<GiveUpReason, Proto.Verdict>(gaveUp.Reason), Text = gaveUp.Text };
        if (gaveUp.Since is { } since)
            written.Since = ToTicks(since);
        if (gaveUp.RetryAfter is { } after)
            written.RetryAfter = after.Ticks;
        return written;
    }

    private static Server.GaveUp Read(Proto.GaveUp gaveUp) => new(
        new CallId(gaveUp.Call),
        Names.Read<Proto.Verdict, GiveUpReason>(gaveUp.Reason),
        gaveUp.HasSince ? ToTime(gaveUp.Since) : null,
        gaveUp.HasRetryAfter ? TimeSpan.FromTicks(gaveUp.RetryAfter) : null,
        gaveUp.Text);

    private static Proto.CatalogueReply Write(Server.CatalogueReply reply)
    {
        var written = new Proto.CatalogueReply { Server = reply.Server.Value, Fresh = reply.Fresh };
        if (reply.UnavailableReason is not null)
            written.Unavailable = reply.UnavailableReason;
        if (reply.Catalogue is { } catalogue)
        {
            ListCopy?[] lists = [catalogue.Tools, catalogue.Prompts, catalogue.Resources, catalogue.ResourceTemplates];
            written.Catalogue = new Proto.Catalogue { Peer = Write(catalogue.Peer), Lists = { lists.OfType<ListCopy>().Select(Write) } };
        }

        return written;
    }

    private static Server.CatalogueReply Read(Proto.CatalogueReply reply) => new(
        new ServerId(reply.Server),
        reply.Catalogue is null ? null : ServerCatalogue.Of(Read(reply.Catalogue.Peer), [.. reply.Catalogue.Lists.Select(Read)]),
        reply.Fresh,
        reply.HasUnavailable ? reply.Unavailable : null);
}
