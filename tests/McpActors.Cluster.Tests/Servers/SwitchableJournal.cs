using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>How the journal of one actor system behaves.</summary>
internal sealed class JournalSwitch
{
    public bool FailWrites { get; set; }

    public TaskCompletionSource? HoldReplay { get; set; }

    public int Replays { get; set; }

    public static ConcurrentDictionary<ActorSystem, JournalSwitch> BySystem { get; } = new();

    public static JournalSwitch Of(ActorSystem system) => BySystem.GetOrAdd(system, _ => new JournalSwitch());
}

/// <summary>The journal in memory, which a test can make fail or wait.</summary>
public sealed class SwitchableJournal : MemoryJournal
{
    private readonly ActorSystem _system = Context.System;

    /// <inheritdoc/>
    protected override Task<IImmutableList<Exception?>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken) =>
        JournalSwitch.Of(_system).FailWrites
            ? Task.FromException<IImmutableList<Exception?>>(new IOException("disk full"))
            : base.WriteMessagesAsync(messages, cancellationToken)!;

    /// <inheritdoc/>
    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        JournalSwitch.Of(_system).Replays++;
        return base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, recoveryCallback);
    }

    /// <inheritdoc/>
    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        if (JournalSwitch.Of(_system).HoldReplay is { } hold)
        {
            await hold.Task;
        }

        return await base.ReadHighestSequenceNrAsync(persistenceId, fromSequenceNr, cancellationToken);
    }
}
