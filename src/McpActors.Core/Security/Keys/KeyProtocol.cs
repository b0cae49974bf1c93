namespace McpActors.Core.Security.Keys;

/// <summary>An order to the registry of keys.</summary>
public interface IKeyCommand;

/// <summary>A change of the keys that the journal keeps. Events only grow.</summary>
public interface IKeyEvent
{
    /// <summary>The revision it leads to.</summary>
    long Revision { get; }
}

/// <summary>What the registry answers, and what it tells the nodes.</summary>
public interface IKeyReply;

/// <summary>What is said to and by the cluster's one registry of API keys. No message holds a key's text.</summary>
public static class KeyProtocol
{
    /// <summary>A node says which revision it has (-1: none) and wants to hear of changes. Answers: <see cref="InStep"/> or <see cref="KeyPage"/>s.</summary>
    public sealed record Sync(long Revision) : IKeyCommand;

    /// <summary>Keeps a key. Answers: <see cref="Stored"/>, <see cref="Refused"/>.</summary>
    public sealed record CreateKey(ApiKey Key) : IKeyCommand;

    /// <summary>Ends a key. Answers: <see cref="Stored"/>, <see cref="Missing"/>, <see cref="Refused"/>.</summary>
    public sealed record RevokeKey(string Id, string Who) : IKeyCommand;

    /// <summary>A key was made.</summary>
    public sealed record KeyCreated(long Revision, ApiKey Key) : IKeyEvent;

    /// <summary>A key was ended.</summary>
    public sealed record KeyRevoked(long Revision, string Id, string Who, DateTimeOffset At) : IKeyEvent;

    /// <summary>Done and stored; the news are in force at the registry.</summary>
    public sealed record Stored(KeyNews News) : IKeyReply;

    /// <summary>There is no such key.</summary>
    public sealed record Missing(string Id) : IKeyReply;

    /// <summary>Not done, and why.</summary>
    public sealed record Refused(string Reason) : IKeyReply;

    /// <summary>The node has the newest revision.</summary>
    public sealed record InStep(long Revision) : IKeyReply;

    /// <summary>A part of the keys, small enough for a message. The last one says so.</summary>
    public sealed record KeyPage(long Revision, IReadOnlyList<ApiKey> Keys, bool First, bool Last) : IKeyReply;

    /// <summary>One change, told to every node. A node that misses one asks again.</summary>
    /// <param name="Revision">The revision it leads to.</param>
    /// <param name="Created">The key made; null: none.</param>
    /// <param name="Revoked">The id of the key ended; null: none.</param>
    public sealed record KeyNews(long Revision, ApiKey? Created, string? Revoked) : IKeyReply
    {
        /// <summary>What the nodes hear of a change.</summary>
        public static KeyNews Of(IKeyEvent change) => new(change.Revision, (change as KeyCreated)?.Key, (change as KeyRevoked)?.Id);
    }
}
