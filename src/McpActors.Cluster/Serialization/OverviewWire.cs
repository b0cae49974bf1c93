using McpActors.Cluster.Overview;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Overview.OverviewProtocol;
using static McpActors.Cluster.Serialization.WireTypes;
using Proto = McpActors.Cluster.Serialization.Protos.Overview;

namespace McpActors.Cluster.Serialization;

/// <summary>What nodes ask each other to show the whole cluster.</summary>
internal static class OverviewWire
{
    public static void Register(WireFormatBuilder wire) => wire
        .Add<GetServers, Proto.GetServers>(
            "overview-get-servers-v1",
            q => new Proto.GetServers { Servers = { q.Servers.Select(server => server.Value) } },
            p => new GetServers([.. p.Servers.Select(server => new ServerId(server))]))
        .Add<ServersHere, Proto.ServersHere>(
            "overview-servers-v1",
            r => new Proto.ServersHere { Statuses = { r.Seen.Select(StatusWire.Write) }, Silent = { r.Silent.Select(server => server.Value) } },
            p => new ServersHere([.. p.Statuses.Select(StatusWire.Read)], [.. p.Silent.Select(server => new ServerId(server))]))
        .Add<GetTools, Proto.GetTools>(
            "overview-get-tools-v1",
            q => new Proto.GetTools { Servers = { q.Servers.Select(server => server.Value) } },
            p => new GetTools([.. p.Servers.Select(server => new ServerId(server))]))
        .Add<ToolsHere, Proto.ToolsHere>(
            "overview-tools-v1",
            r => new Proto.ToolsHere { Tools = { r.Seen.Select(Write) }, Silent = { r.Silent.Select(server => server.Value) } },
            p => new ToolsHere([.. p.Tools.Select(Read)], [.. p.Silent.Select(server => new ServerId(server))]))
        .Add<GetSessions, Proto.GetSessions>(
            "overview-get-sessions-v1",
            q => new Proto.GetSessions { After = q.After, Limit = q.Limit },
            p => new GetSessions(p.After, p.Limit))
        .Add<SessionsHere, Proto.SessionsHere>(
            "overview-sessions-v1",
            r => new Proto.SessionsHere { Sessions = { r.Sessions.Select(Write) } },
            p => new SessionsHere([.. p.Sessions.Select(Read)]))
        .Add<GetSessionId, Proto.GetSessionId>(
            "overview-get-session-id-v1",
            q => new Proto.GetSessionId { Handle = q.Handle },
            p => new GetSessionId(p.Handle))
        .Add<SessionIdHere, Proto.SessionIdHere>(
            "overview-session-id-v1",
            r => r.Id is null ? new Proto.SessionIdHere() : new Proto.SessionIdHere { Id = r.Id },
            p => new SessionIdHere(p.HasId ? p.Id : null))
        .Add<GetShards, Proto.GetShards>(
            "overview-get-shards-v1",
            q => new Proto.GetShards { Region = q.Region },
            p => new GetShards(p.Region))
        .Add<ShardsHere, Proto.ShardsHere>(
            "overview-shards-v1",
            r => new Proto.ShardsHere { Shards = { r.Shards.Select(shard => new Proto.Shard { Id = shard.Id, Entities = { shard.Entities } }) } },
            p => new ShardsHere([.. p.Shards.Select(shard => new ShardGlance(shard.Id, [.. shard.Entities]))]))
        .Add<GetNode, Proto.GetNode>("overview-get-node-v1", _ => new Proto.GetNode(), _ => new GetNode())
        .Add<NodeHere, Proto.NodeHere>("overview-node-v1", r => Write(r.Node), p => new NodeHere(Read(p)));

    private static Proto.KnownTools Write(KnownTools known)
    {
        var written = new Proto.KnownTools { Server = known.Server.Value, IsKnown = known.IsKnown, List = known.Tools is null ? null : AnswerWire.Write(known.Tools) };
        if (known.Why is not null)
            written.Why = known.Why;
        return written;
    }

    private static KnownTools Read(Proto.KnownTools known) => new(
        new ServerId(known.Server), known.IsKnown, known.List is null ? null : AnswerWire.Read(known.List), known.HasWhy ? known.Why : null);

    private static Proto.Sighting Write(SessionSighting sighting)
    {
        var written = new Proto.Sighting
        {
            Handle = sighting.Handle,
            Route = sighting.Route,
            Revision = sighting.Revision,
            CreatedAt = ToTicks(sighting.CreatedAt),
            LastUse = ToTicks(sighting.LastUse),
            LogLevel = sighting.LogLevel is { } level ? Names.Write<SessionLogLevel, Protos.Sessions.LogLevel>(level) : Protos.Sessions.LogLevel.Unspecified,
            Subscriptions = { sighting.Subscriptions.Select(resource => new Protos.Sessions.Resource { Server = resource.Server.Value, Uri = resource.Uri }) },
            Stored = sighting.Stored,
            Owned = sighting.Owned,
            Streams = sighting.Streams,
        };
        if (sighting.Principal is not null)
            written.Principal = sighting.Principal;
        return written;
    }

    private static SessionSighting Read(Proto.Sighting sighting) => new(
        sighting.Handle,
        sighting.Route,
        sighting.Revision,
        sighting.HasPrincipal ? sighting.Principal : null,
        ToTime(sighting.CreatedAt),
        ToTime(sighting.LastUse),
        sighting.LogLevel == Protos.Sessions.LogLevel.Unspecified ? null : Names.Read<Protos.Sessions.LogLevel, SessionLogLevel>(sighting.LogLevel),
        [.. sighting.Subscriptions.Select(resource => new ResourceSubscription(new ServerId(resource.Server), resource.Uri))],
        sighting.Stored,
        sighting.Owned,
        sighting.Streams);

    private static Proto.NodeHere Write(NodeGlance node)
    {
        var written = new Proto.NodeHere
        {
            Version = node.Version,
            StartedAt = ToTicks(node.StartedAt),
            Parts = { node.Parts.Select(Write) },
            Servers = node.Servers,
            Sessions = node.Sessions,
            ServedSessions = node.ServedSessions,
            Calls = node.Calls,
            Hash = node.Hash,
            Misses = { node.Misses },
        };
        if (node.Revision is { } revision)
            written.Revision = revision;
        return written;
    }

    private static NodeGlance Read(Proto.NodeHere node) => new()
    {
        Version = node.Version,
        StartedAt = ToTime(node.StartedAt),
        Parts = [.. node.Parts.Select(part => new PartGlance(part.Name, part.Status, part.HasReason ? part.Reason : null, part.HasSince ? ToTime(part.Since) : null))],
        Servers = node.Servers,
        Sessions = node.Sessions,
        ServedSessions = node.ServedSessions,
        Calls = node.Calls,
        Revision = node.HasRevision ? node.Revision : null,
        Hash = node.Hash,
        Misses = [.. node.Misses],
    };

    private static Proto.Part Write(PartGlance part)
    {
        var written = new Proto.Part { Name = part.Name, Status = part.Status };
        if (part.Reason is not null)
            written.Reason = part.Reason;
        if (part.Since is { } since)
            written.Since = ToTicks(since);
        return written;
    }
}
