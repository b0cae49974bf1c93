using McpActors.Core.Servers;

namespace McpActors.Core.Discovery.Sources;

/// <summary>An order to the coordinator of the sources.</summary>
public interface ISourcesCommand;

/// <summary>A change of what the sources say, or of what was decided about it, that the journal keeps. Events only grow. Nodes hear of each one.</summary>
public interface ISourcesEvent
{
    /// <summary>The revision it leads to.</summary>
    long Revision { get; }

    /// <summary>When it happened.</summary>
    DateTimeOffset At { get; }
}

/// <summary>What the coordinator of the sources answers.</summary>
public interface ISourcesReply;

/// <summary>What is said to and by the one coordinator of the sources that servers are discovered in.</summary>
public static class SourcesProtocol
{
    /// <summary>A node says which revision it has (-1: none) and wants to hear of changes. Answers: <see cref="InStep"/> or <see cref="SourcesPage"/>s.</summary>
    public sealed record Sync(long Revision) : ISourcesCommand;

    /// <summary>What a source says; in pages when it is long. Answers: <see cref="Stored"/>, <see cref="Refused"/>.</summary>
    /// <param name="Source">The source.</param>
    /// <param name="Servers">Some or all of its servers.</param>
    /// <param name="Keep">On the last page the ids of all its servers: others are gone. Null before.</param>
    public sealed record Report(SourceName Source, IReadOnlyList<DiscoveredServer> Servers, IReadOnlyList<ServerId>? Keep) : ISourcesCommand;

    /// <summary>A source is not asked any more: its servers are gone. Answers as <see cref="Report"/>.</summary>
    public sealed record Forget(SourceName Source) : ISourcesCommand;

    /// <summary>A person approves or rejects what a source wants to run. Answers: <see cref="Stored"/>, <see cref="Missing"/>, <see cref="Refused"/>.</summary>
    public sealed record Judge : ISourcesCommand
    {
        /// <summary>The source.</summary>
        public required SourceName Source { get; init; }

        /// <summary>The server.</summary>
        public required ServerId Server { get; init; }

        /// <summary>Hash of the definition that was looked at.</summary>
        public required string Hash { get; init; }

        /// <summary>Whether it may be used.</summary>
        public required bool IsApproved { get; init; }

        /// <summary>Who decides.</summary>
        public required string Who { get; init; }

        /// <summary>Why; may be empty.</summary>
        public required string Why { get; init; }
    }

    /// <summary>How a source does, told by the node that asks it. Not answered, not kept.</summary>
    public sealed record Note(SourceStatus Status) : ISourcesCommand;

    /// <summary>How do the sources do? Answer: <see cref="Statuses"/>.</summary>
    public sealed record GetStatus : ISourcesCommand;

    /// <summary>A source says other servers than before.</summary>
    /// <param name="Revision">The revision it leads to.</param>
    /// <param name="Source">The source.</param>
    /// <param name="Put">Servers that are new or different.</param>
    /// <param name="Dropped">Servers that are gone.</param>
    /// <param name="At">When.</param>
    public sealed record SourceChanged(long Revision, SourceName Source, IReadOnlyList<DiscoveredServer> Put, IReadOnlyList<ServerId> Dropped, DateTimeOffset At) : ISourcesEvent;

    /// <summary>A source is not asked any more.</summary>
    public sealed record SourceForgotten(long Revision, SourceName Source, DateTimeOffset At) : ISourcesEvent;

    /// <summary>A person approved or rejected a definition.</summary>
    public sealed record Judged(long Revision, Judgement Judgement) : ISourcesEvent
    {
        /// <inheritdoc/>
        public DateTimeOffset At => Judgement.At;
    }

    /// <summary>Done and stored; in force at the coordinator.</summary>
    public sealed record Stored(long Revision) : ISourcesReply;

    /// <summary>There is no such server in the source, or nothing about it to decide.</summary>
    public sealed record Missing(ServerId Server) : ISourcesReply;

    /// <summary>Not done, and why.</summary>
    public sealed record Refused(string Reason) : ISourcesReply;

    /// <summary>How the sources do that somebody asks.</summary>
    public sealed record Statuses(IReadOnlyList<SourceStatus> All) : ISourcesReply;

    /// <summary>The node has the newest revision.</summary>
    public sealed record InStep(long Revision) : ISourcesReply;

    /// <summary>A part of everything, small enough for a message. The last one says so.</summary>
    public sealed record SourcesPage(long Revision, IReadOnlyList<SourcesItem> Items, bool First, bool Last) : ISourcesReply;
}

/// <summary>A part of a page: a source, and a server of it or a judgement about one.</summary>
/// <param name="Source">The source.</param>
/// <param name="Server">A server that it says; null in an item that only names the source or holds a judgement.</param>
/// <param name="Judgement">What was decided; null in the other items.</param>
public sealed record SourcesItem(SourceName Source, DiscoveredServer? Server, Judgement? Judgement);

/// <summary>What a person decided about a definition. It is bound to that definition: a changed one is asked about again.</summary>
/// <param name="Source">The source.</param>
/// <param name="Server">What it said, whole, so that an approved definition goes on while its successor waits.</param>
/// <param name="IsApproved">Whether it may be used.</param>
/// <param name="Who">Who decided.</param>
/// <param name="Why">Why; may be empty.</param>
/// <param name="At">When.</param>
public sealed record Judgement(SourceName Source, DiscoveredServer Server, bool IsApproved, string Who, string Why, DateTimeOffset At)
{
    /// <summary>Hash of the definition it is about.</summary>
    public string Hash => Server.Hash;
}
