using McpActors.Core.Configuration;

namespace McpActors.Core.Membership;

/// <summary>The members of the cluster as one of them sees them at a moment.</summary>
/// <param name="Members">Those that count, this one among them; at least 1.</param>
/// <param name="InReach">Those of them that this node can reach, itself among them.</param>
/// <param name="LowestInReach">Whether the one with the lowest address is among these: it decides between two halves, as in the split-brain resolver.</param>
public readonly record struct MajorityView(int Members, int InReach, bool LowestInReach)
{
    /// <summary>Whether this node is on the side that the resolver keeps.</summary>
    public bool IsMajority => InReach * 2 > Members || (InReach * 2 == Members && LowestInReach);
}

/// <summary>What a node knows of its majority.</summary>
/// <param name="MissingSince">Since when it is without; null while it has it.</param>
/// <param name="CutOff">Whether it refuses calls for that.</param>
public readonly record struct MajorityState(TimeSpan? MissingSince, bool CutOff)
{
    /// <summary>Nothing is missing.</summary>
    public static MajorityState Whole => default;
}

/// <summary>
/// When a node that is cut off from the majority refuses calls: after a moment, and not only when it is given up, which takes the resolver as long again. It
/// takes calls again as soon as the majority is back. Nothing else depends on this: who is a member is the resolver's to say, and two writers are kept apart by the journal.
/// </summary>
public static class MajorityRule
{
    /// <summary>Between two looks.</summary>
    public static TimeSpan LookEvery { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// For how long the majority must be missing, beyond what it takes to find a member unreachable: less than the resolver waits (2, 5 and 20 s), and so long that a
    /// node that wakes from a pause hears of the others first.
    /// </summary>
    public static TimeSpan Hold(FailoverMode failover) => failover == FailoverMode.Fast ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(2);

    /// <summary>Takes in a look.</summary>
    /// <param name="state">What was known before.</param>
    /// <param name="view">What is seen.</param>
    /// <param name="hold">As <see cref="Hold"/> says.</param>
    /// <param name="now">A time that only grows.</param>
    public static MajorityState Look(MajorityState state, MajorityView view, TimeSpan hold, TimeSpan now)
    {
        if (view.IsMajority)
        {
            return MajorityState.Whole;
        }

        var since = state.MissingSince ?? now;
        return new MajorityState(since, now - since >= hold);
    }
}
