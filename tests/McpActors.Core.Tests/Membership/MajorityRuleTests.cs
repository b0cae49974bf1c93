using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using McpActors.Core.Configuration;
using McpActors.Core.Membership;

namespace McpActors.Core.Tests.Membership;

/// <summary>When a node refuses calls because it is cut off: never while its side is the one that stays, and soon when it is not.</summary>
public sealed class MajorityRuleTests
{
    private static readonly TimeSpan Hold = MajorityRule.Hold(FailoverMode.Balanced);
    private static readonly MajorityView Whole = new(3, 3, LowestInReach: true);
    private static readonly MajorityView Alone = new(3, 1, LowestInReach: true);

    /// <summary>However members are split into sides, at most one of these takes calls, and one does where there are two sides.</summary>
    [Property]
    public Property At_most_one_side_of_a_partition_has_the_majority() => Prop.ForAll(Sides.ToArbitrary(), sides =>
    {
        var views = sides.GroupBy(side => side).Select(side => new MajorityView(sides.Length, side.Count(), side.Key == sides[0])).ToList();
        var majorities = views.Count(view => view.IsMajority);
        return majorities == 1 || (majorities == 0 && views.Count > 2);
    });

    /// <summary>Whatever a node sees over time: it refuses calls exactly while the majority has been missing for the hold time without a break.</summary>
    [Property]
    public Property It_refuses_exactly_after_the_majority_was_missing_for_the_whole_time() => Prop.ForAll(Looks.ToArbitrary(), looks =>
    {
        var (state, now) = (MajorityState.Whole, TimeSpan.Zero);
        TimeSpan? missing = null;
        foreach (var (isWhole, pause) in looks)
        {
            now += TimeSpan.FromMilliseconds(pause);
            missing = isWhole ? null : missing ?? now;
            state = MajorityRule.Look(state, isWhole ? Whole : Alone, Hold, now);
            if (state.CutOff != (missing is { } since && now - since >= Hold))
                return false;
        }

        return true;
    });

    [Fact]
    public void A_node_that_wakes_and_hears_of_the_others_at_the_next_look_refuses_nothing()
    {
        var state = MajorityRule.Look(MajorityState.Whole, Alone, Hold, TimeSpan.FromSeconds(30));
        state.CutOff.ShouldBeFalse();
        MajorityRule.Look(state, Whole, Hold, TimeSpan.FromSeconds(30) + MajorityRule.LookEvery).ShouldBe(MajorityState.Whole);
    }

    [Theory]
    [InlineData(FailoverMode.Fast, 2)]
    [InlineData(FailoverMode.Balanced, 5)]
    [InlineData(FailoverMode.Safe, 20)]
    public void It_refuses_before_the_resolver_gives_it_up(FailoverMode failover, int stableAfter) =>
        (MajorityRule.Hold(failover) + (MajorityRule.LookEvery * 2)).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(stableAfter));

    private static Gen<int[]> Sides => Gen.Choose(1, 9).SelectMany(members => Gen.ArrayOf(Gen.Choose(0, 3), members));

    private static Gen<(bool, int)[]> Looks => Gen.ArrayOf(
        Gen.Elements(true, false, false, false).SelectMany(isWhole => Gen.Choose(1, 1500).Select(pause => (isWhole, pause))));
}
