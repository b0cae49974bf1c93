using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Slots;

// What time does to connections.
internal sealed partial class UpstreamSlots
{
    /// <summary>Closes and forgets what nobody used for a while. Returns when to look again, if anything is left to look at.</summary>
    internal DateTimeOffset? CloseIdle(TimeSpan idleStop, bool keepShared, DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var slot in All.ToArray())
        {
            var shared = slot.Key == SlotKey.Shared;
            if (IsBusy(slot) || (shared && (keepShared || IsKept(slot))))
            {
                next = Earlier(next, now + idleStop);
            }
            else if (slot.LastUsed + idleStop > now)
            {
                next = Earlier(next, slot.LastUsed + idleStop);
            }
            else if (!shared)
            {
                Remove(slot, "idle", now);
            }
            else if (slot.Phase == SlotPhase.Ready)
            {
                Retire(slot, "idle", atOnce: false, now);
            }
        }

        return next;
    }

    private static bool IsBusy(Slot slot) =>
        slot.Phase == SlotPhase.Connecting || slot.Waiters.Count > 0 || slot.Current is { InFlight: > 0 };

    /// <summary>When a slot that somebody waits for may be tried again, if one is.</summary>
    internal DateTimeOffset? NextRetry(bool eager)
    {
        DateTimeOffset? next = null;
        for (var i = _backingOff.Count - 1; i >= 0; i--)
        {
            var slot = _backingOff[i];
            if (slot.Phase != SlotPhase.BackingOff)
            {
                _backingOff.RemoveAt(i);
            }
            else if (IsWanted(slot, eager))
            {
                next = Earlier(next, slot.RetryAt);
            }
        }

        return next;
    }

    /// <summary>Tries again what has waited long enough and is wanted.</summary>
    internal void RetryDue(bool eager, DateTimeOffset now)
    {
        foreach (var slot in All)
        {
            if (slot.Phase is SlotPhase.BackingOff or SlotPhase.Vacant && IsWanted(slot, eager))
            {
                EnsureConnecting(slot, now);
            }
        }
    }

    private bool IsWanted(Slot slot, bool eager) =>
        slot.Waiters.Count > 0 || (slot.Key == SlotKey.Shared && (eager || IsKept(slot)));

    private bool IsKept(Slot slot) => (Background & (1UL << slot.Endpoint)) != 0;

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one is { } value && value < other ? value : other;
}
