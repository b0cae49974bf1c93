using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;
using static McpActors.Cluster.Serialization.WireTypes;
using Proto = McpActors.Cluster.Serialization.Protos.Sources;
using Said = McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Serialization;

/// <summary>Sources of servers on the wire.</summary>
internal static class SourcesWire
{
    public static void Register(WireFormatBuilder wire)
    {
        RegisterEvents(wire);
        RegisterCommands(wire);
        RegisterReplies(wire);
    }

    private static void RegisterEvents(WireFormatBuilder wire) => wire
        .Add<Said.SourceChanged, Proto.SourceChanged>(
            "sources-changed-v1",
            e => new Proto.SourceChanged
            {
                Revision = e.Revision,
                Source = e.Source.ToString(),
                Put = { e.Put.Select(Write) },
                Dropped = { e.Dropped.Select(id => id.Value) },
                At = ToTicks(e.At),
            },
            p => new Said.SourceChanged(p.Revision, Name(p.Source), [.. p.Put.Select(Read)], [.. p.Dropped.Select(id => new ServerId(id))], ToTime(p.At)))
        .Add<Said.SourceForgotten, Proto.SourceForgotten>(
            "sources-forgotten-v1",
            e => new Proto.SourceForgotten { Revision = e.Revision, Source = e.Source.ToString(), At = ToTicks(e.At) },
            p => new Said.SourceForgotten(p.Revision, Name(p.Source), ToTime(p.At)))
        .Add<Said.Judged, Proto.Judged>(
            "sources-judged-v1",
            e => new Proto.Judged { Revision = e.Revision, Judgement = Write(e.Judgement) },
            p => new Said.Judged(p.Revision, Read(p.Judgement)))
        .Add<SourcesState, Proto.State>(
            "sources-state-v1",
            s => new Proto.State { Revision = s.Revision, Items = { s.Items().Select(Write) } },
            p => SourcesState.From(p.Revision, p.Items.Select(Read)));

    private static void RegisterCommands(WireFormatBuilder wire) => wire
        .Add<Said.Sync, Proto.Sync>("sources-sync-v1", c => new Proto.Sync { Revision = c.Revision }, p => new Said.Sync(p.Revision))
        .Add<Said.Report, Proto.Report>(
            "sources-report-v1",
            c => new Proto.Report
            {
                Source = c.Source.ToString(),
                Servers = { c.Servers.Select(Write) },
                Last = c.Keep is not null,
                Keep = { (c.Keep ?? []).Select(id => id.Value) },
            },
            p => new Said.Report(Name(p.Source), [.. p.Servers.Select(Read)], p.Last ? [.. p.Keep.Select(id => new ServerId(id))] : null))
        .Add<Said.Forget, Proto.Forget>("sources-forget-v1", c => new Proto.Forget { Source = c.Source.ToString() }, p => new Said.Forget(Name(p.Source)))
        .Add<Said.Judge, Proto.Judge>(
            "sources-judge-v1",
            c => new Proto.Judge { Source = c.Source.ToString(), Server = c.Server.Value, Hash = c.Hash, Approved = c.IsApproved, Who = c.Who, Why = c.Why },
            p => new Said.Judge { Source = Name(p.Source), Server = new ServerId(p.Server), Hash = p.Hash, IsApproved = p.Approved, Who = p.Who, Why = p.Why })
        .Add<Said.Note, Proto.Note>("sources-note-v1", c => new Proto.Note { Status = Write(c.Status) }, p => new Said.Note(Read(p.Status)))
        .Add<Said.GetStatus, Proto.GetStatus>("sources-get-status-v1", _ => new Proto.GetStatus(), _ => new Said.GetStatus());

    private static void RegisterReplies(WireFormatBuilder wire) => wire
        .Add<Said.Stored, Proto.Stored>("sources-stored-v1", r => new Proto.Stored { Revision = r.Revision }, p => new Said.Stored(p.Revision))
        .Add<Said.Missing, Proto.Missing>("sources-missing-v1", r => new Proto.Missing { Server = r.Server.Value }, p => new Said.Missing(new ServerId(p.Server)))
        .Add<Said.Refused, Proto.Refused>("sources-refused-v1", r => new Proto.Refused { Reason = r.Reason }, p => new Said.Refused(p.Reason))
        .Add<Said.InStep, Proto.InStep>("sources-in-step-v1", r => new Proto.InStep { Revision = r.Revision }, p => new Said.InStep(p.Revision))
        .Add<Said.SourcesPage, Proto.Page>(
            "sources-page-v1",
            r => new Proto.Page { Revision = r.Revision, Items = { r.Items.Select(Write) }, First = r.First, Last = r.Last },
            p => new Said.SourcesPage(p.Revision, [.. p.Items.Select(Read)], p.First, p.Last))
        .Add<Said.Statuses, Proto.Statuses>(
            "sources-statuses-v1",
            r => new Proto.Statuses { Statuses_ = { r.All.Select(Write) } },
            p => new Said.Statuses([.. p.Statuses_.Select(Read)]));

    private static SourceName Name(string text) => SourceName.TryParse(text, out var name)
        ? name
        : throw new InvalidDataException($"'{text}' is no source that this version knows.");

    private static Proto.Item Write(SourcesItem item) => new()
    {
        Source = item.Source.ToString(),
        Server = item.Server is null ? null : Write(item.Server),
        Judgement = item.Judgement is null ? null : Write(item.Judgement),
    };

    private static SourcesItem Read(Proto.Item item) =>
        new(Name(item.Source), item.Server is null ? null : Read(item.Server), item.Judgement is null ? null : Read(item.Judgement));

    private static Proto.Judgement Write(Judgement judgement) => new()
    {
        Source = judgement.Source.ToString(),
        Server = Write(judgement.Server),
        Approved = judgement.IsApproved,
        Who = judgement.Who,
        Why = judgement.Why,
        At = ToTicks(judgement.At),
    };

    private static Judgement Read(Proto.Judgement judgement) =>
        new(Name(judgement.Source), Read(judgement.Server), judgement.Approved, judgement.Who, judgement.Why, ToTime(judgement.At));

    private static Proto.Server Write(DiscoveredServer server)
    {
        var written = new Proto.Server
        {
            Id = server.Id.Value,
            Name = server.Name,
            Title = server.Title,
            Version = server.Version,
            ApprovalReason = server.ApprovalReason,
            Needs = { server.Needs.Select(need => new Proto.Need { Kind = need.Kind, Name = need.Name, Description = need.Description }) },
            Unavailable = server.Unavailable,
        };
        if (server.Definition is { } definition)
            written.Definition = ToBytes(definition);
        return written;
    }

    private static DiscoveredServer Read(Proto.Server server)
    {
        // Not a conditional expression: null would become empty bytes, and so a server that cannot be used a wrong definition.
        ReadOnlyMemory<byte>? definition = null;
        if (server.HasDefinition)
            definition = server.Definition.Memory;
        return new DiscoveredServer(new ServerId(server.Id), server.Name)
        {
            Title = server.Title,
            Version = server.Version,
            Definition = definition,
            ApprovalReason = server.ApprovalReason,
            Needs = [.. server.Needs.Select(need => new SettingNeed(need.Kind, need.Name, need.Description))],
            Unavailable = server.Unavailable,
        };
    }

    private static Proto.Status Write(SourceStatus status)
    {
        var written = new Proto.Status { Source = status.Source.ToString(), Node = status.Node, Servers = status.Servers, LastError = status.LastError, Failures = status.Failures };
        if (status.LastSuccess is { } success)
            written.LastSuccess = ToTicks(success);
        if (status.LastErrorAt is { } error)
            written.LastErrorAt = ToTicks(error);
        if (status.NextDue is { } due)
            written.NextDue = ToTicks(due);
        return written;
    }

    private static SourceStatus Read(Proto.Status status) => new(Name(status.Source), status.Node)
    {
        Servers = status.Servers,
        LastSuccess = status.HasLastSuccess ? ToTime(status.LastSuccess) : null,
        LastError = status.LastError,
        LastErrorAt = status.HasLastErrorAt ? ToTime(status.LastErrorAt) : null,
        NextDue = status.HasNextDue ? ToTime(status.NextDue) : null,
        Failures = status.Failures,
    };
}
