namespace McpActors.EndToEnd.Tests.Chaos.Long;

/// <summary>What is done to links between nodes, in network namespaces.</summary>
internal abstract class Links : Nemesis
{
    private NodeNetwork? _network;

    /// <summary>The links.</summary>
    protected NodeNetwork Network => _network ?? throw new InvalidOperationException("The network is not made yet.");

    public override async Task<ChaosSettings> SetUpAsync(ChaosSettings settings)
    {
        _network = await NodeNetwork.CreateAsync(settings.Nodes);
        return settings with { Network = _network };
    }

    public override async ValueTask DisposeAsync()
    {
        if (_network is { } network)
            await network.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>The other nodes.</summary>
    protected static IEnumerable<int> Others(ChaosCluster cluster, int node) => Enumerable.Range(0, cluster.Nodes.Count).Where(other => other != node);

    /// <summary>Cuts a node off from all others.</summary>
    protected async Task IsolateAsync(ChaosCluster cluster, int node)
    {
        foreach (var other in Others(cluster, node))
            await Network.PartAsync(node, other);
    }
}

/// <summary>C3: partitions by turns: one of three cut off, all three from each other, and one direction of one link.</summary>
internal sealed class Partitions : Links
{
    private static readonly TimeSpan s_oneWay = TimeSpan.FromSeconds(25);

    public override async Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random)
    {
        var victim = random.Next(cluster.Nodes.Count);
        switch (strike.Number % 3)
        {
            case 1:
                strike.Begin($"node {victim} cut off");
                await IsolateAsync(cluster, victim);
                await EndOfAsync(cluster, strike, [victim]);
                break;
            case 2:
                strike.Begin("all cut off from each other");
                await Task.WhenAll(Enumerable.Range(0, cluster.Nodes.Count - 1).Select(node => IsolateAsync(cluster, node)));
                await EndOfAsync(cluster, strike, [.. Enumerable.Range(0, cluster.Nodes.Count)]);
                break;
            default:
                var other = Others(cluster, victim).ElementAt(random.Next(cluster.Nodes.Count - 1));
                strike.Begin($"nothing from node {victim} reaches node {other}");
                await Network.CutAsync(victim, other);
                await Task.Delay(s_oneWay);
                break;
        }

        await Network.HealAsync();
        strike.Took("whole after healing", await cluster.UntilWholeAsync(Limit));
    }

    /// <summary>They refuse calls, end, and what their supervisors start meanwhile is no cluster beside another.</summary>
    private static async Task EndOfAsync(ChaosCluster cluster, Strike strike, IReadOnlyList<int> minority)
    {
        var exits = minority.ToDictionary(node => node, node => cluster.Nodes[node].Exits.Count);
        await Task.WhenAll(minority.Select(async index =>
        {
            var node = cluster.Nodes[index];
            await node.UntilAsync(async () => node.Exits.Count > exits[index] || !await node.IsReadyAsync(), "refusing calls", Limit);
            strike.Took("the minority refuses", cluster.History.Now - strike.At);
            var exit = await node.EndAfterAsync(exits[index], Limit);
            strike.Took("it ended", cluster.History.On(exit.At) - strike.At);
        }));
        await ChaosCluster.CalmAsync(15);
        var ready = new List<int>();
        foreach (var node in minority)
        {
            if (await cluster.Nodes[node].IsReadyAsync())
                ready.Add(node);
        }

        // Where no majority lives, the first seed may begin anew: nobody else may form a cluster, and the store shows no life of another.
        var most = minority.Count == cluster.Nodes.Count ? 1 : 0;
        if (ready.Count > most)
            strike.Breach($"{string.Join(" and ", ready.Select(node => $"node {node}"))} take calls, each alone");
    }
}

/// <summary>C4: a node's links are there for 2 s and gone for 2 s, for a minute.</summary>
internal sealed class Flaps : Links
{
    public override async Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random)
    {
        var victim = random.Next(cluster.Nodes.Count);
        strike.Begin($"the links of node {victim} flap for 60 s");
        for (var turn = 0; turn < 15; turn++)
        {
            await IsolateAsync(cluster, victim);
            await ChaosCluster.CalmAsync(2);
            await Network.HealAsync();
            await ChaosCluster.CalmAsync(2);
        }

        strike.Took("settled after the end", await cluster.UntilWholeAsync(Limit));
    }
}

/// <summary>C5: for a minute a node loses 10 % or 30 % of what reaches it from others, or sends to them through 1 Mbit/s.</summary>
internal sealed class Loss : Links
{
    private const int Narrow = 1_000_000;

    public override async Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random)
    {
        var victim = random.Next(cluster.Nodes.Count);
        var members = await MembersAsync(cluster.Nodes[victim]);
        var (what, begin, end) = ((string, Func<Task>, Func<Task>))((strike.Number % 3) switch
        {
            1 => ("10 % loss", () => Network.LoseAsync(victim, 0.1), Network.HealAsync),
            2 => ("30 % loss", () => Network.LoseAsync(victim, 0.3), Network.HealAsync),
            _ => ("1 Mbit/s", () => Network.LimitAsync(victim, Narrow), () => Network.LimitAsync(victim, 0)),
        });
        strike.Begin($"{what} at node {victim}");
        await begin();
        await ChaosCluster.CalmAsync(60);
        await end();
        strike.Took($"whole after {what}", await cluster.UntilWholeAsync(Limit));
        if (strike.Number % 3 == 1 && await MembersAsync(cluster.Nodes[victim]) != members)
            strike.Breach("a member was given up at 10 % loss");
    }
}
