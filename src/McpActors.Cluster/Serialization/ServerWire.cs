using System.Collections.Immutable;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using static McpActors.Cluster.Serialization.WireTypes;
using Proto = McpActors.Cluster.Serialization.Protos.Servers;
using Server = McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Serialization;

/// <summary>What is journalled of a server.</summary>
internal static class ServerWire
{
    public static void Register(WireFormatBuilder wire) => wire
        .Add<Server.CircuitChanged, Proto.CircuitChanged>("server-circuit-changed-v1", CircuitWire.Write, CircuitWire.Read)
        .Add<Server.PeerLearned, Proto.PeerLearned>("server-peer-learned-v1", Write, Read)
        .Add<Server.ListLearned, Proto.ListLearned>("server-list-learned-v1", Write, Read)
        .Add<Server.OperatorActed, Proto.OperatorActed>("server-operator-acted-v1", Write, Read)
        .Add<Server.DefinitionChanged, Proto.DefinitionChanged>(
            "server-definition-changed-v1",
            e => new Proto.DefinitionChanged { Server = e.Server.Value, At = ToTicks(e.At) },
            p => new Server.DefinitionChanged(new ServerId(p.Server), ToTime(p.At)))
        .Add<ServerState, Proto.ServerState>("server-state-v1", Write, Read);

    private static Proto.PeerLearned Write(Server.PeerLearned peer)
    {
        var written = new Proto.PeerLearned
        {
            Server = peer.Server.Value,
            At = ToTicks(peer.At),
            Revision = ToText(peer.Revision),
            Capabilities = ToBytes(peer.Capabilities),
            ServerInfo = ToBytes(peer.ServerInfo),
            Address = peer.Address,
        };
        if (peer.Instructions is not null)
            written.Instructions = peer.Instructions;
        return written;
    }

    private static Server.PeerLearned Read(Proto.PeerLearned peer) => new(
        new ServerId(peer.Server),
        ToTime(peer.At),
        ToRevision(peer.Revision),
        peer.Capabilities.Memory,
        peer.ServerInfo.Memory,
        peer.HasInstructions ? peer.Instructions : null,
        peer.Address);

    private static Proto.ListLearned Write(Server.ListLearned list) => new()
    {
        Server = list.Server.Value,
        At = ToTicks(list.At),
        Kind = Names.Write<ListKind, Proto.Kind>(list.Kind),
        Hash = list.Hash,
        Items = ToBytes(list.Items),
        Ttl = list.Ttl.Ticks,
        Scope = Names.Write<CacheScope, Proto.Scope>(list.Scope),
    };

    private static Server.ListLearned Read(Proto.ListLearned list) => new(
        new ServerId(list.Server),
        ToTime(list.At),
        Names.Read<Proto.Kind, ListKind>(list.Kind),
        list.Hash,
        list.Items.Memory,
        TimeSpan.FromTicks(list.Ttl),
        Names.Read<Proto.Scope, CacheScope>(list.Scope));

    private static Proto.OperatorActed Write(Server.OperatorActed acted)
    {
        var written = new Proto.OperatorActed { Server = acted.Server.Value, At = ToTicks(acted.At), Action = acted.Action, Actor = acted.Actor };
        if (acted.Reason is not null)
            written.Reason = acted.Reason;
        if (acted.Until is { } until)
            written.Until = ToTicks(until);
        return written;
    }

    private static Server.OperatorActed Read(Proto.OperatorActed acted) => new(
        new ServerId(acted.Server),
        ToTime(acted.At),
        acted.Action,
        acted.Actor,
        acted.HasReason ? acted.Reason : null,
        acted.HasUntil ? ToTime(acted.Until) : null);

    private static Proto.ServerState Write(ServerState state)
    {
        var written = new Proto.ServerState
        {
            Circuit = CircuitWire.Write(state.Circuit),
            Peer = state.Peer is null ? null : Write(state.Peer),
            Lists = { state.Lists.Values.Select(Write) },
        };
        if (state.CacheClearedAt is { } cleared)
            written.CacheClearedAt = ToTicks(cleared);
        foreach (var (name, hash) in state.FirstSeenTools)
            written.FirstSeenTools.Add(name, hash);
        return written;
    }

    private static ServerState Read(Proto.ServerState state) => ServerState.Initial with
    {
        Circuit = CircuitWire.Read(state.Circuit),
        Peer = state.Peer is null ? null : Read(state.Peer),
        Lists = state.Lists.Select(Read).ToImmutableSortedDictionary(list => list.Kind, list => list),
        FirstSeenTools = state.FirstSeenTools.ToImmutableSortedDictionary(StringComparer.Ordinal),
        CacheClearedAt = state.HasCacheClearedAt ? ToTime(state.CacheClearedAt) : null,
    };
}
