using System.Collections.Immutable;
using Google.Protobuf;
using McpActors.Core.Discovery;
using McpActors.Core.Servers;
using static McpActors.Cluster.Serialization.WireTypes;
using Catalogue = McpActors.Core.Discovery.DiscoveryProtocol;
using Proto = McpActors.Cluster.Serialization.Protos.Discovery;

namespace McpActors.Cluster.Serialization;

/// <summary>The catalogue on the wire.</summary>
internal static class DiscoveryWire
{
    public static void Register(WireFormatBuilder wire)
    {
        RegisterEvents(wire);
        RegisterCommands(wire);
        RegisterReplies(wire);
    }

    private static void RegisterEvents(WireFormatBuilder wire) => wire
        .Add<Catalogue.ShardsFixed, Proto.ShardsFixed>(
            "discovery-shards-fixed-v1",
            e => new Proto.ShardsFixed { Shards = e.Shards, At = ToTicks(e.At) },
            p => new Catalogue.ShardsFixed(p.Shards, ToTime(p.At)))
        .Add<Catalogue.FileApplied, Proto.FileApplied>(
            "discovery-file-applied-v1",
            Write,
            p => new Catalogue.FileApplied(p.Revision, p.Hash, ToTime(p.At)) { Content = Optional(p.HasContent, p.Content), Node = p.Node })
        .Add<Catalogue.FileOffered, Proto.FileOffered>(
            "discovery-file-offered-v1",
            e => new Proto.FileOffered { Node = e.Node, Hash = e.Hash, At = ToTicks(e.At) },
            p => new Catalogue.FileOffered(p.Node, p.Hash, ToTime(p.At)))
        .Add<Catalogue.EntryPut, Proto.EntryPut>(
            "discovery-entry-put-v1",
            e => new Proto.EntryPut { Revision = e.Revision, Entry = Write(e.Entry) },
            p => new Catalogue.EntryPut(p.Revision, Read(p.Entry)))
        .Add<Catalogue.EntryDropped, Proto.EntryDropped>(
            "discovery-entry-dropped-v1",
            e => new Proto.EntryDropped { Revision = e.Revision, Server = e.Server.Value, Who = e.Who, At = ToTicks(e.At) },
            p => new Catalogue.EntryDropped(p.Revision, new ServerId(p.Server), p.Who, ToTime(p.At)))
        .Add<DiscoveryState, Proto.State>("discovery-state-v1", Write, Read);

    private static void RegisterCommands(WireFormatBuilder wire) => wire
        .Add<Catalogue.Sync, Proto.Sync>(
            "discovery-sync-v1",
            c => new Proto.Sync { Revision = c.Revision, Shards = c.Shards },
            p => new Catalogue.Sync(p.Revision, p.Shards))
        .Add<Catalogue.ApplyFile, Proto.ApplyFile>(
            "discovery-apply-file-v1",
            c => new Proto.ApplyFile { Hash = c.Hash, Node = c.Node, Size = c.Size, Ordered = c.Ordered },
            p => new Catalogue.ApplyFile(p.Hash) { Node = p.Node, Size = p.Size, Ordered = p.Ordered })
        .Add<Catalogue.GetContent, Proto.GetContent>(
            "discovery-get-content-v1",
            c => new Proto.GetContent { Hash = c.Hash, Offset = c.Offset },
            p => new Catalogue.GetContent(p.Hash, p.Offset))
        .Add<Catalogue.GetNodeRevision, Proto.GetNodeRevision>("discovery-get-node-v1", _ => new Proto.GetNodeRevision(), _ => Catalogue.GetNodeRevision.Instance)
        .Add<Catalogue.PutEntry, Proto.PutEntry>(
            "discovery-put-entry-v1",
            c => new Proto.PutEntry { Server = c.Server.Value, Definition = ToBytes(c.Definition), Who = c.Who },
            p => new Catalogue.PutEntry(new ServerId(p.Server), p.Definition.Memory, p.Who))
        .Add<Catalogue.RemoveEntry, Proto.RemoveEntry>(
            "discovery-remove-entry-v1",
            c => new Proto.RemoveEntry { Server = c.Server.Value, Who = c.Who, InFile = c.InFile },
            p => new Catalogue.RemoveEntry(new ServerId(p.Server), p.Who, p.InFile))
        .Add<Catalogue.DropEntry, Proto.DropEntry>(
            "discovery-drop-entry-v1",
            c => new Proto.DropEntry { Server = c.Server.Value, Who = c.Who },
            p => new Catalogue.DropEntry(new ServerId(p.Server), p.Who));

    private static void RegisterReplies(WireFormatBuilder wire) => wire
        .Add<Catalogue.Stored, Proto.Stored>(
            "discovery-stored-v1",
            r => new Proto.Stored { Revision = r.Revision, Change = r.Change is null ? null : Write(r.Change), Offer = r.Offer },
            p => new Catalogue.Stored(p.Revision, p.Change is null ? null : Read(p.Change)) { Offer = p.Offer })
        .Add<Catalogue.FileKept, Proto.FileKept>(
            "discovery-file-kept-v1",
            r => new Proto.FileKept { Revision = r.Revision, Hash = r.Hash, Offer = r.Offer },
            p => new Catalogue.FileKept(p.Revision, p.Hash, p.Offer))
        .Add<Catalogue.ContentPart, Proto.ContentPart>(
            "discovery-content-part-v1",
            r => new Proto.ContentPart { Hash = r.Hash, Offset = r.Offset, Total = r.Total, Bytes = ToBytes(r.Bytes) },
            p => new Catalogue.ContentPart(p.Hash, p.Offset, p.Total, p.Bytes.Memory))
        .Add<NodeRevision, Proto.NodeRevision>("discovery-node-v1", Write, Read)
        .Add<Catalogue.Missing, Proto.Missing>(
            "discovery-missing-v1",
            r => new Proto.Missing { Server = r.Server.Value },
            p => new Catalogue.Missing(new ServerId(p.Server)))
        .Add<Catalogue.Refused, Proto.Refused>(
            "discovery-refused-v1",
            r => new Proto.Refused { Reason = r.Reason, Offer = r.Offer },
            p => new Catalogue.Refused(p.Reason) { Offer = p.Offer })
        .Add<Catalogue.InStep, Proto.InStep>(
            "discovery-in-step-v1",
            r => new Proto.InStep { Revision = r.Revision, Hash = r.Hash },
            p => new Catalogue.InStep(p.Revision, p.Hash))
        .Add<Catalogue.ShardsDiffer, Proto.ShardsDiffer>(
            "discovery-shards-differ-v1",
            r => new Proto.ShardsDiffer { Expected = r.Expected },
            p => new Catalogue.ShardsDiffer(p.Expected))
        .Add<Catalogue.CataloguePage, Proto.CataloguePage>(
            "discovery-page-v1",
            r => new Proto.CataloguePage { Revision = r.Revision, Hash = r.Hash, Entries = { r.Entries.Select(Write) }, First = r.First, Last = r.Last },
            p => new Catalogue.CataloguePage(p.Revision, p.Hash, [.. p.Entries.Select(Read)], p.First, p.Last))
        .Add<Catalogue.CatalogueNews, Proto.CatalogueNews>("discovery-news-v1", Write, Read);

    private static Proto.State Write(DiscoveryState state)
    {
        var written = new Proto.State { Revision = state.Revision, Hash = state.Hash, Entries = { state.Entries.Values.OrderBy(entry => entry.Server.Value, StringComparer.Ordinal).Select(Write) }, Applied = { state.Applied } };
        if (state.Shards is { } shards)
            written.Shards = shards;
        if (state.Content is { } content)
            written.Content = ToBytes(content);
        foreach (var (node, offer) in state.Offers.OrderBy(offer => offer.Key, StringComparer.Ordinal))
            written.Offers.Add(node, new Proto.FileOffer { Hash = offer.Hash, At = ToTicks(offer.At) });
        return written;
    }

    private static Proto.FileApplied Write(Catalogue.FileApplied applied)
    {
        var written = new Proto.FileApplied { Revision = applied.Revision, Hash = applied.Hash, At = ToTicks(applied.At), Node = applied.Node };
        if (applied.Content is { } content)
            written.Content = ToBytes(content);
        return written;
    }

    private static DiscoveryState Read(Proto.State state) => new()
    {
        Revision = state.Revision,
        Hash = state.Hash,
        Shards = state.HasShards ? state.Shards : null,
        Entries = state.Entries.Select(Read).ToImmutableDictionary(entry => entry.Server, entry => entry),
        Content = Optional(state.HasContent, state.Content),
        Offers = state.Offers.ToImmutableDictionary(offer => offer.Key, offer => new FileOffer(offer.Value.Hash, ToTime(offer.Value.At))),
        Applied = [.. state.Applied],
    };

    private static Proto.NodeRevision Write(NodeRevision node) => new()
    {
        Node = node.Node,
        Revision = node.Revision,
        AgreedHash = node.AgreedHash,
        Hash = node.Hash,
        FileHash = node.FileHash,
        Standing = Names.Write<RevisionStanding, Proto.Standing>(node.Standing),
        Files = { node.Files },
        Faults = { node.Faults },
        NeedsRestart = { node.NeedsRestart },
    };

    private static NodeRevision Read(Proto.NodeRevision node) =>
        new(node.Node, node.Revision, node.AgreedHash, node.Hash, node.FileHash, Names.Read<Proto.Standing, RevisionStanding>(node.Standing))
        {
            Files = [.. node.Files],
            Faults = [.. node.Faults],
            NeedsRestart = [.. node.NeedsRestart],
        };

    private static Proto.CatalogueNews Write(Catalogue.CatalogueNews news)
    {
        var written = new Proto.CatalogueNews { Revision = news.Revision, Hash = news.Hash, Put = news.Put is null ? null : Write(news.Put) };
        if (news.Dropped is { } dropped)
            written.Dropped = dropped.Value;
        return written;
    }

    private static Catalogue.CatalogueNews Read(Proto.CatalogueNews news) =>
        new(news.Revision, news.Hash, news.Put is null ? null : Read(news.Put), news.HasDropped ? new ServerId(news.Dropped) : null);

    private static Proto.Entry Write(OverlayEntry entry)
    {
        var written = new Proto.Entry { Server = entry.Server.Value, Who = entry.Who, At = ToTicks(entry.At) };
        if (entry.Definition is { } definition)
            written.Definition = ToBytes(definition);
        return written;
    }

    private static OverlayEntry Read(Proto.Entry entry) =>
        new(new ServerId(entry.Server), Optional(entry.HasDefinition, entry.Definition), entry.Who, ToTime(entry.At));

    // Not a conditional expression: null would become empty bytes, and so a removed server a wrong definition.
    private static ReadOnlyMemory<byte>? Optional(bool has, ByteString bytes)
    {
        if (has)
            return bytes.Memory;
        return null;
    }
}
