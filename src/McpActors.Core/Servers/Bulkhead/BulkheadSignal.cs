namespace McpActors.Core.Servers.Bulkhead;

/// <summary>What became of a call that asks for a permit.</summary>
public enum BulkheadVerdict
{
    /// <summary>It has a permit.</summary>
    Granted,

    /// <summary>It waits; a signal will tell.</summary>
    Queued,

    /// <summary>No permit and no room to wait.</summary>
    QueueFull,

    /// <summary>Its deadline has passed already.</summary>
    DeadlinePassed,
}

/// <summary>The answer to a call that asks for a permit.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="RetryAfter">When full: an estimate of when there is room.</param>
public readonly record struct BulkheadAdmission(BulkheadVerdict Verdict, TimeSpan? RetryAfter = null);

/// <summary>What a <see cref="BulkheadSignal{TWaiter}"/> says.</summary>
public enum BulkheadSignalKind
{
    /// <summary>A waiting call now has a permit.</summary>
    Granted,

    /// <summary>A waiting call waited too long, or its deadline passed; it has left the queue.</summary>
    TimedOut,

    /// <summary>A permit was taken back because nobody returned it in time; its carrier is lost.</summary>
    PermitLost,
}

/// <summary>Something that happened to a call other than the one that is being handled.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="CallId">To which call.</param>
/// <param name="Waiter">What the call left when it queued; default for <see cref="BulkheadSignalKind.PermitLost"/>.</param>
public readonly record struct BulkheadSignal<TWaiter>(BulkheadSignalKind Kind, long CallId, TWaiter? Waiter);
