using System.Net;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using McpActors.Core.Membership;

namespace McpActors.Core.Tests.Membership;

/// <summary>Who forms the cluster when several nodes start behind one name: one of them, whatever the order and however late their resolvers are.</summary>
public sealed class SeedRuleTests
{
    private static readonly TimeSpan Stable = SeedRule.StableFor;

    [Fact]
    public void The_lowest_of_all_forms_the_cluster_once_the_addresses_have_been_stable()
    {
        SeedAddress[] seen = [At(9), At(2), At(30), At(9)];
        var (state, order) = SeedRule.Look(SeedState.Empty, At(2), 3, seen, TimeSpan.Zero);
        order!.MayForm.ShouldBeFalse();
        order.Nodes.ShouldBe([At(9), At(30)]);

        (state, order) = SeedRule.Look(state, At(2), 3, seen, Stable - TimeSpan.FromMilliseconds(1));
        order.ShouldBeNull("nothing is new");
        (state, order) = SeedRule.Look(state, At(2), 3, seen, Stable);

        order.ShouldNotBeNull().MayForm.ShouldBeTrue();
        order.Nodes.ShouldBe([At(2), At(9), At(30)]);
        SeedRule.Look(state, At(2), 3, seen, Stable * 2).Order.ShouldBeNull("it was told once");
    }

    [Fact]
    public void Addresses_are_compared_as_numbers_and_not_as_text()
    {
        At(9).ShouldBeLessThan(At(10));
        SeedRule.Look(Seen(At(9), At(10), At(9)), At(9), 1, [At(10), At(9)], Stable).Order!.MayForm.ShouldBeTrue();
        SeedRule.Look(Seen(At(10), At(10), At(9)), At(10), 1, [At(10), At(9)], Stable).Order.ShouldBeNull();
    }

    [Fact]
    public void Fewer_addresses_than_required_form_nothing_but_may_be_joined()
    {
        var (state, order) = SeedRule.Look(SeedState.Empty, At(1), 3, [At(1), At(2)], TimeSpan.Zero);

        order!.Nodes.ShouldBe([At(2)]);
        SeedRule.Look(state, At(1), 3, [At(1), At(2)], Stable * 10).Order.ShouldBeNull();
    }

    [Fact]
    public void A_node_that_is_not_behind_the_name_only_joins()
    {
        var (state, order) = SeedRule.Look(SeedState.Empty, At(1), 1, [At(2), At(3)], TimeSpan.Zero);

        order!.Nodes.ShouldBe([At(2), At(3)]);
        SeedRule.Look(state, At(1), 1, [At(2), At(3)], Stable * 10).Order.ShouldBeNull();
    }

    [Fact]
    public void A_failed_look_up_changes_nobody_and_starts_the_time_anew()
    {
        var state = Seen(At(1), At(1), At(2));
        (state, _) = SeedRule.Look(state, At(1), 1, null, Stable - TimeSpan.FromSeconds(1));

        SeedRule.Look(state, At(1), 1, [At(1), At(2)], Stable).Order.ShouldBeNull();
        SeedRule.Look(state, At(1), 1, [At(1), At(2)], Stable * 2).Order!.MayForm.ShouldBeTrue();
    }

    [Fact]
    public void Who_was_to_form_the_cluster_steps_back_when_a_lower_one_appears()
    {
        var (state, order) = SeedRule.Look(Seen(At(2), At(2), At(3)), At(2), 1, [At(2), At(3)], Stable);
        order!.MayForm.ShouldBeTrue();

        order = SeedRule.Look(state, At(2), 1, [At(1), At(2), At(3)], Stable + TimeSpan.FromSeconds(1)).Order;

        order!.MayForm.ShouldBeFalse();
        order.Nodes.ShouldBe([At(1), At(3)]);
    }

    [Fact]
    public void Addresses_of_the_other_family_are_not_counted()
    {
        var other = new SeedAddress(IPAddress.Parse("::1"), 4053);

        SeedRule.Look(Seen(At(1), At(1), other), At(1), 2, [At(1), other], Stable).Order.ShouldBeNull();
    }

    /// <summary>Nodes start at any time within a minute; each resolver learns of each node up to 6 s late. One address is enough to form a cluster.</summary>
    [Property(MaxTest = 300)]
    public Property No_two_clusters_form_while_resolvers_are_not_too_late() => Prop.ForAll(
        Schedules(6_000).ToArbitrary(),
        schedule => new Formation(schedule, required: 1).Run() == 1);

    /// <summary>With the number of nodes required, resolvers may be as late as they like.</summary>
    [Property(MaxTest = 300)]
    public Property No_two_clusters_form_when_all_nodes_are_required() => Prop.ForAll(
        Schedules(60_000).ToArbitrary(),
        schedule => new Formation(schedule, schedule.Starts.Length).Run() == 1);

    private static SeedAddress At(byte last) => new(new IPAddress([10, 0, 0, last]), 4053);

    private static SeedState Seen(SeedAddress self, params SeedAddress[] nodes) => SeedRule.Look(SeedState.Empty, self, 1, nodes, TimeSpan.Zero).State;

    private static Gen<Schedule> Schedules(int late) =>
        from count in Gen.Choose(1, 5)
        from starts in Gen.ArrayOf(Gen.Choose(0, 60_000), count)
        from lags in Gen.ArrayOf(Gen.Choose(0, late), count * count)
        from order in Gen.Shuffle(Enumerable.Range(1, count).ToArray())
        select new Schedule(starts, lags, [.. order.Select(last => At((byte)last))]);

    /// <summary>When each node starts, and how late each one's resolver learns of each other, in milliseconds.</summary>
    private sealed record Schedule(int[] Starts, int[] Lags, SeedAddress[] Addresses)
    {
        public override string ToString() => $"starts [{string.Join(", ", Starts)}] lags [{string.Join(", ", Lags)}] addresses [{string.Join<SeedAddress>(", ", Addresses)}]";
    }

    /// <summary>The rule in every node, with what Akka makes of its orders: it asks once a second, and one that may form does so after 2 s without a member.</summary>
    private sealed class Formation(Schedule schedule, int required)
    {
        private const int Step = 100;

        private readonly SeedState[] _states = [.. schedule.Starts.Select(_ => SeedState.Empty)];
        private readonly (SeedOrder Order, int At)?[] _orders = new (SeedOrder, int)?[schedule.Starts.Length];
        private readonly bool[] _members = new bool[schedule.Starts.Length];
        private int _clusters;

        /// <summary>Runs until all are members; how many clusters were formed.</summary>
        public int Run()
        {
            for (var now = 0; now < 300_000 && !_members.All(member => member); now += Step)
            {
                for (var node = 0; node < _members.Length; node++)
                {
                    if (!_members[node] && now >= schedule.Starts[node])
                        Advance(node, now, (now - schedule.Starts[node]) / Step * Step);
                }
            }

            return _members.All(member => member) ? _clusters : -1;
        }

        private void Advance(int node, int now, int age)
        {
            if (age % (int)SeedRule.LookEvery.TotalMilliseconds == 0)
                Look(node, now);
            if (_orders[node] is not { } told)
                return;
            if (age % 1000 == 0 && told.Order.Nodes.Any(asked => _members[Array.IndexOf(schedule.Addresses, asked)]))
                _members[node] = true;
            else if (told.Order.MayForm && now - told.At >= (told.Order.Nodes.Length == 1 ? 0 : SeedRule.AskFor.TotalMilliseconds))
                (_members[node], _clusters) = (true, _clusters + 1);
        }

        private void Look(int node, int now)
        {
            var visible = Enumerable.Range(0, _members.Length)
                .Where(other => now >= schedule.Starts[other] + (schedule.Lags[(node * _members.Length) + other]))
                .Select(other => schedule.Addresses[other]);
            (_states[node], var order) = SeedRule.Look(_states[node], schedule.Addresses[node], required, visible, TimeSpan.FromMilliseconds(now));
            if (order is not null)
                _orders[node] = (order, now);
        }
    }
}
