namespace McpActors.Core.Servers.Circuit;

/// <summary>
/// Joins a journalled state with one that served while the journal did not answer. An operator's word in the journal and an open time that still runs
/// hold; otherwise what happened here is newer and stands.
/// </summary>
internal static class CircuitMerge
{
    /// <summary>The transitions that lead from the journalled state to the merged one.</summary>
    internal static CircuitTransitions Lead(CircuitState journalled, CircuitState local, DateTimeOffset now)
    {
        if (local.Mode != CircuitMode.Auto)
        {
            return new CircuitTransitions(new CircuitEvent.Forced(now, local.Reason, local.Mode, local.ForcedUntil));
        }

        var untouched = local.Since == CircuitState.Initial.Since;
        var stillOpen = journalled.Phase == CircuitPhase.Open && journalled.Until > now;
        if (untouched || journalled.Mode != CircuitMode.Auto || stillOpen || journalled.Phase == local.Phase && local.Phase != CircuitPhase.Open)
        {
            return default;
        }

        return local.Phase switch
        {
            CircuitPhase.Open => ToOpen(journalled, local, now),
            CircuitPhase.HalfOpen => ToHalfOpen(journalled, local, now),
            _ => ToClosed(journalled, local, now),
        };
    }

    private static CircuitTransitions ToOpen(CircuitState journalled, CircuitState local, DateTimeOffset now) =>
        journalled.Phase == CircuitPhase.Open
            ? new CircuitTransitions(HalfOpened(now), Opened(local, now))
            : new CircuitTransitions(Opened(local, now));

    private static CircuitTransitions ToHalfOpen(CircuitState journalled, CircuitState local, DateTimeOffset now) =>
        journalled.Phase == CircuitPhase.Open
            ? new CircuitTransitions(HalfOpened(now))
            : new CircuitTransitions(Opened(local, now), HalfOpened(now));

    private static CircuitTransitions ToClosed(CircuitState journalled, CircuitState local, DateTimeOffset now)
    {
        var closed = new CircuitEvent.Closed(now, local.Reason);
        return journalled.Phase == CircuitPhase.Open
            ? new CircuitTransitions(HalfOpened(now), closed)
            : new CircuitTransitions(closed);
    }

    private static CircuitEvent.HalfOpened HalfOpened(DateTimeOffset now) =>
        new(now, "the open time passed while the journal was out of reach", CircuitCause.TimePassed);

    private static CircuitEvent.Opened Opened(CircuitState local, DateTimeOffset now) =>
        new(now, local.Reason, CircuitCause.JournalMerge, local.Until ?? now, local.OpenedByLostTransport);
}
