using System.Collections.Immutable;

namespace McpActors.Core.Membership;

/// <summary>What a node joins by.</summary>
/// <param name="Nodes">Whom to ask, in this order. With this node first it forms a new cluster when none of the others is in one.</param>
/// <param name="MayForm">Whether this node is among them, first.</param>
public sealed record SeedOrder(ImmutableArray<SeedAddress> Nodes, bool MayForm);

/// <summary>
/// Which of the nodes behind a name forms the cluster when there is none yet, so that no two do. Whoever finds a member joins it, at any time and by one
/// address. Only the lowest address of all may form a new cluster, and only when the name has shown it the same addresses for
/// <see cref="StableFor"/>, as many as <c>cluster.requiredSeeds</c> asks for.
/// </summary>
/// <remarks>
/// Two form one each only if neither sees the other for all that time. That cannot happen when <c>requiredSeeds</c> is the number of nodes behind the name, because
/// all then see the same lowest one; nor with fewer, while a node's entry reaches every other one's resolver within <see cref="StableFor"/> less
/// <see cref="LookEvery"/> and <see cref="AskFor"/>: 7 s.
/// </remarks>
public static class SeedRule
{
    /// <summary>Time for which the addresses must not change before a cluster is formed. Longer than resolvers commonly remember an answer (5 s in Kubernetes).</summary>
    public static TimeSpan StableFor { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two look-ups while the node is no member.</summary>
    public static TimeSpan LookEvery { get; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long one that may form asks the others before it does.</summary>
    public static TimeSpan AskFor { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Takes in what a look-up found. The order is null when it stays as it was.</summary>
    /// <param name="state">What was seen so far.</param>
    /// <param name="self">Where others reach this node.</param>
    /// <param name="required">Addresses that must be seen before a cluster is formed; at least 1.</param>
    /// <param name="found">The addresses found; null when the look-up failed, which says nothing about the nodes.</param>
    /// <param name="now">A time that only grows.</param>
    public static (SeedState State, SeedOrder? Order) Look(SeedState state, SeedAddress self, int required, IEnumerable<SeedAddress>? found, TimeSpan now)
    {
        if (found is null)
        {
            // What is not known to be true any more must prove itself anew before a cluster is formed on it.
            return (state with { Since = now }, null);
        }

        // A name may stand for both families of addresses; nodes know each other by one.
        var seen = found.Where(node => node.Ip.AddressFamily == self.Ip.AddressFamily).Distinct().Order().ToImmutableArray();
        if (!seen.SequenceEqual(state.Seen))
            state = state with { Seen = seen, Since = now };
        var order = Order(state, self, required, now);
        if (order is null || (state.Last is { } last && last.MayForm == order.MayForm && last.Nodes.SequenceEqual(order.Nodes)))
            return (state, null);
        return (state with { Last = order }, order);
    }

    private static SeedOrder? Order(SeedState state, SeedAddress self, int required, TimeSpan now)
    {
        var others = state.Seen.Remove(self);
        var mayForm = state.Seen.Length >= required && state.Seen.Length > 0 && state.Seen[0] == self && now - state.Since >= StableFor;
        if (mayForm)
            return new SeedOrder(others.Insert(0, self), MayForm: true);
        return others.IsEmpty ? null : new SeedOrder(others, MayForm: false);
    }
}

/// <summary>What a node has seen behind the name.</summary>
/// <param name="Seen">The addresses, in order.</param>
/// <param name="Since">Since when they are these.</param>
/// <param name="Last">What the node was told last; null before.</param>
public sealed record SeedState(ImmutableArray<SeedAddress> Seen, TimeSpan Since, SeedOrder? Last)
{
    /// <summary>Nothing was seen yet.</summary>
    public static SeedState Empty { get; } = new([], TimeSpan.Zero, null);
}
