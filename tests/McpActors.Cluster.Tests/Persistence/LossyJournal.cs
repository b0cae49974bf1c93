using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace McpActors.Cluster.Tests.Persistence;

/// <summary>What the journal of one actor system does with a write.</summary>
internal enum JournalMood
{
    /// <summary>Stores it and says so.</summary>
    Well,

    /// <summary>Does not store it.</summary>
    Failing,

    /// <summary>Stores it and says that it failed, as when only the answer is lost.</summary>
    LosingAnswers,
}

/// <summary>The journal in memory, with moods.</summary>
public sealed class LossyJournal : MemoryJournal
{
    /// <summary>An actor system on virtual time with this journal.</summary>
    internal const string Config = """
        akka.loglevel = WARNING
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.persistence.journal.plugin = "akka.persistence.journal.lossy"
        akka.persistence.journal.lossy.class = "McpActors.Cluster.Tests.Persistence.LossyJournal, McpActors.Cluster.Tests"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """;

    private static readonly ConcurrentDictionary<ActorSystem, JournalMood> Moods = new();
    private static readonly ConcurrentDictionary<ActorSystem, TaskCompletionSource> Holds = new();

    private static readonly ConcurrentDictionary<ActorSystem, int> Replayed = new();
    private static readonly ConcurrentDictionary<ActorSystem, int> Written = new();
    private static readonly ConcurrentDictionary<ActorSystem, LossyJournal> Journals = new();

    private readonly ActorSystem _system = Context.System;

    /// <summary>The one of an actor system.</summary>
    public LossyJournal() => Journals[_system] = this;

    internal static void Set(ActorSystem system, JournalMood mood) => Moods[system] = mood;

    /// <summary>How often events were replayed.</summary>
    internal static int Replays(ActorSystem system) => Replayed.GetValueOrDefault(system);

    /// <summary>How often something was to be written.</summary>
    internal static int Writes(ActorSystem system) => Written.GetValueOrDefault(system);

    /// <summary>Stores an event behind the others, as a database does that commits late.</summary>
    internal static async Task CommitAsync(ActorSystem system, string persistenceId, object @event)
    {
        var journal = Journals[system];
        var last = await journal.ReadHighestSequenceNrAsync(persistenceId, 0, CancellationToken.None);
        journal.Add(new Persistent(@event, last + 1, persistenceId));
    }

    /// <summary>Lets no replay begin until <see cref="Release"/>.</summary>
    internal static void Hold(ActorSystem system) => Holds[system] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the replays go on.</summary>
    internal static void Release(ActorSystem system)
    {
        if (Holds.TryRemove(system, out var hold))
            hold.SetResult();
    }

    /// <inheritdoc/>
    protected override async Task<IImmutableList<Exception?>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        Written.AddOrUpdate(_system, 1, (_, count) => count + 1);
        var mood = Moods.GetValueOrDefault(_system);
        if (mood == JournalMood.Failing)
            throw new IOException("no");
        var result = await base.WriteMessagesAsync(messages, cancellationToken);
        return mood == JournalMood.Well ? result! : throw new IOException("the answer is lost");
    }

    /// <inheritdoc/>
    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        if (Holds.TryGetValue(_system, out var hold))
            await hold.Task;
        return await base.ReadHighestSequenceNrAsync(persistenceId, fromSequenceNr, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        Replayed.AddOrUpdate(_system, 1, (_, count) => count + 1);
        return base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, recoveryCallback);
    }
}
