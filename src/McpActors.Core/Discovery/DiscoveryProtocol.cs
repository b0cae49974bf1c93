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

    /// <summary>A node started with, or reloaded, a file. Answers: <see cref="Stored"/>, <see cref="Refused"/>.</summary>
    public sealed record ApplyFile(string Hash) : IDiscoveryCommand;

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

    /// <summary>A file was applied.</summary>
    public sealed record FileApplied(long Revision, string Hash, DateTimeOffset At) : IDiscoveryEvent;

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
    public sealed record Stored(long Revision, CatalogueNews? Change) : IDiscoveryReply;

    /// <summary>There is no such entry.</summary>
    public sealed record Missing(ServerId Server) : IDiscoveryReply;

    /// <summary>Not done, and why.</summary>
    public sealed record Refused(string Reason) : IDiscoveryReply;

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
    public sealed record CatalogueNews(long Revision, string Hash, OverlayEntry? Put, ServerId? Dropped) : IDiscoveryReply;
}
