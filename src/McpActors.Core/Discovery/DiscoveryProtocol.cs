using McpActors.Core.Servers;

namespace McpActors.Core.Discovery;

/// <summary>An order to the coordinator of the catalogue.</summary>
public interface IDiscoveryCommand;

/// <summary>A change of the catalogue that its journal keeps. Events only grow.</summary>
public interface IDiscoveryEvent
{
    /// <summary>When it happened.</summary>
    DateTimeOffset At { get; }
}

/// <summary>What the coordinator answers, and what it tells the nodes.</summary>
public interface IDiscoveryReply;

/// <summary>What is said to and by the one coordinator of the cluster's catalogue.</summary>
public static class DiscoveryProtocol
{
    /// <summary>
    /// A node says what it has and wants to hear of changes. Answers: <see cref="InStep"/>, or <see cref="CataloguePage"/>s;
    /// <see cref="ShardsDiffer"/> when it must not take part.
    /// </summary>
    /// <param name="Revision">The revision the node has; -1 when it has none.</param>
    /// <param name="Shards">Its <c>cluster.shards</c>.</param>
    public sealed record Sync(long Revision, int Shards) : IDiscoveryCommand;

    /// <summary>
    /// A node offers its file: at its start, when the file changed, or because an operator orders a reload. Answers: <see cref="GetContent"/> when the file is to
    /// become a revision and its content must be sent first; then <see cref="Stored"/>, or <see cref="FileKept"/>, <see cref="Refused"/>.
    /// </summary>
    /// <param name="Hash">Hash of the file's cluster part.</param>
    public sealed record ApplyFile(string Hash) : IDiscoveryCommand
    {
        /// <summary>The node, by a name that its restarts do not change. Empty: a version that cannot send content; its file is not taken.</summary>
        public string Node { get; init; } = "";

        /// <summary>Bytes of the content. At most <see cref="DiscoveryDecider.MaxContentBytes"/>.</summary>
        public int Size { get; init; }

        /// <summary>Whether an operator orders it, so that it counts although this node offered the same before.</summary>
        public bool Ordered { get; init; }
    }

    /// <summary>Asks for a part of the content of a file: the coordinator for what a node offers, a node for the revision in force. Answer: <see cref="ContentPart"/>.</summary>
    /// <param name="Hash">Which content.</param>
    /// <param name="Offset">Where the part begins.</param>
    public sealed record GetContent(string Hash, int Offset) : IDiscoveryCommand, IDiscoveryReply;

    /// <summary>Asks the agent of a node what the node runs. Answer: <see cref="NodeRevision"/>.</summary>
    public sealed record GetNodeRevision : IDiscoveryCommand
    {
        /// <summary>The one there is.</summary>
        public static GetNodeRevision Instance { get; } = new();
    }

    /// <summary>Adds or replaces a server at run time. Answers: <see cref="Stored"/>, <see cref="Refused"/>.</summary>
    public sealed record PutEntry(ServerId Server, ReadOnlyMemory<byte> Definition, string Who) : IDiscoveryCommand;

    /// <summary>Takes a server away at run time. Answers: <see cref="Stored"/>, <see cref="Missing"/>, <see cref="Refused"/>.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Who">Who orders it.</param>
    /// <param name="InFile">Whether the file has it, so that an entry must hide it; otherwise dropping the entry is enough.</param>
    public sealed record RemoveEntry(ServerId Server, string Who, bool InFile) : IDiscoveryCommand;

    /// <summary>Drops the run-time entry of a server: the file counts again. Answers as <see cref="RemoveEntry"/>.</summary>
    public sealed record DropEntry(ServerId Server, string Who) : IDiscoveryCommand;

    /// <summary>The number of shards was fixed, for the life of the cluster.</summary>
    public sealed record ShardsFixed(int Shards, DateTimeOffset At) : IDiscoveryEvent;

    /// <summary>A file became the revision of the cluster.</summary>
    public sealed record FileApplied(long Revision, string Hash, DateTimeOffset At) : IDiscoveryEvent
    {
        /// <summary>The cluster part of the file (<see cref="RevisionContent"/>); null in events of versions that kept the hash alone.</summary>
        public ReadOnlyMemory<byte>? Content { get; init; }

        /// <summary>The node that offered it; empty in those events.</summary>
        public string Node { get; init; } = "";
    }

    /// <summary>A node offered a file that made no revision, because it is in force already or was kept out. Remembered, so that the same offer counts once.</summary>
    public sealed record FileOffered(string Node, string Hash, DateTimeOffset At) : IDiscoveryEvent;

    /// <summary>A run-time entry was made or replaced.</summary>
    public sealed record EntryPut(long Revision, OverlayEntry Entry) : IDiscoveryEvent
    {
        /// <inheritdoc/>
        public DateTimeOffset At => Entry.At;
    }

    /// <summary>A run-time entry was dropped.</summary>
    public sealed record EntryDropped(long Revision, ServerId Server, string Who, DateTimeOffset At) : IDiscoveryEvent;

    /// <summary>Done and stored.</summary>
    /// <param name="Revision">The catalogue's revision now.</param>
    /// <param name="Change">What changed; null when it was so already.</param>
    public sealed record Stored(long Revision, CatalogueNews? Change) : IDiscoveryReply
    {
        /// <summary>The hash that was offered, where this answers an <see cref="ApplyFile"/>; else empty.</summary>
        public string Offer { get; init; } = "";
    }

    /// <summary>The file makes no revision, because its node brought nothing new: the cluster goes on with another one, and the node follows.</summary>
    /// <param name="Revision">The catalogue's revision.</param>
    /// <param name="Hash">Hash of the file in force.</param>
    /// <param name="Offer">The hash that was offered.</param>
    public sealed record FileKept(long Revision, string Hash, string Offer) : IDiscoveryReply;

    /// <summary>A part of the content of a file.</summary>
    /// <param name="Hash">Which content.</param>
    /// <param name="Offset">Where the part begins.</param>
    /// <param name="Total">Bytes of the whole; 0: there is no such content here (any more).</param>
    /// <param name="Bytes">The part, as much as fits a message.</param>
    public sealed record ContentPart(string Hash, int Offset, int Total, ReadOnlyMemory<byte> Bytes) : IDiscoveryReply;

    /// <summary>There is no such entry.</summary>
    public sealed record Missing(ServerId Server) : IDiscoveryReply;

    /// <summary>Not done, and why.</summary>
    public sealed record Refused(string Reason) : IDiscoveryReply
    {
        /// <summary>The hash that was offered, where this answers an <see cref="ApplyFile"/>; else empty.</summary>
        public string Offer { get; init; } = "";

        /// <summary>The refusal of a command.</summary>
        public static Refused Of(IDiscoveryCommand command, string reason) => new(reason) { Offer = (command as ApplyFile)?.Hash ?? "" };
    }

    /// <summary>The node has the newest revision.</summary>
    public sealed record InStep(long Revision, string Hash) : IDiscoveryReply;

    /// <summary>The node was set up with another number of shards; sharing entities with it would run some of them twice.</summary>
    public sealed record ShardsDiffer(int Expected) : IDiscoveryReply;

    /// <summary>A part of the catalogue, small enough for a message. The last one says so.</summary>
    public sealed record CataloguePage(long Revision, string Hash, IReadOnlyList<OverlayEntry> Entries, bool First, bool Last) : IDiscoveryReply;

    /// <summary>One change, told to every node. A node that misses one asks again.</summary>
    /// <param name="Revision">The revision it leads to.</param>
    /// <param name="Hash">Hash of the file applied last.</param>
    /// <param name="Put">An entry made or replaced; null: none.</param>
    /// <param name="Dropped">An entry dropped; null: none.</param>
    public sealed record CatalogueNews(long Revision, string Hash, OverlayEntry? Put, ServerId? Dropped) : IDiscoveryReply
    {
        /// <summary>What the nodes hear of a change; null when it made no revision.</summary>
        /// <param name="after">The state after it.</param>
        /// <param name="change">The change.</param>
        public static CatalogueNews? Of(DiscoveryState after, IDiscoveryEvent change) => change is ShardsFixed or FileOffered
            ? null
            : new CatalogueNews(after.Revision, after.Hash, (change as EntryPut)?.Entry, (change as EntryDropped)?.Server);
    }
}
