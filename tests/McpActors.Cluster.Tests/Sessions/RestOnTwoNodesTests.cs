using System.Text;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;
using Microsoft.Extensions.DependencyInjection;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Tests.Sessions;

/// <summary>Sessions that both nodes used leave the memory of both, and come back with all that they were. Real sockets and a real journal, so real time: the times of rest are short.</summary>
public sealed class RestOnTwoNodesTests : IDisposable
{
    private static readonly ResourceSubscription Resource = new(new ServerId("files"), "file:///a");

    private static readonly SessionActorSettings Short = new()
    {
        RecorderRestAfter = TimeSpan.FromMilliseconds(400),
        RestAfter = TimeSpan.FromMilliseconds(800),
        RestNotice = TimeSpan.FromMilliseconds(400),
    };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sessions_that_both_nodes_used_are_forgotten_by_both_and_served_again_by_the_other_with_their_state()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first);
        var opened = new List<(SessionInfo Info, TestNode Opener, TestNode Other)>();
        for (var i = 0; i < 4; i++)
        {
            var (opener, other) = i % 2 == 0 ? (first, second) : (second, first);
            var info = await opener.Get<ISessions>().OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, "anna"), Soon);
            await UseAsync(other, info.Id);
            opened.Add((info, opener, other));
        }

        foreach (var node in (TestNode[])[first, second])
            await UntilAsync(() => node.Get<ISessions>().List().Count == 0 && node.Get<LocalSessions>().Count == 0);
        // At rest they still count for the limit.
        (first.Get<ISessions>().Count, second.Get<ISessions>().Count).ShouldBe((4, 4));

        foreach (var (info, opener, other) in opened)
        {
            foreach (var node in (TestNode[])[other, opener])
            {
                var found = (await node.Get<ISessions>().FindAsync(info.Id, Soon)).ShouldNotBeNull();
                (found.Route, found.Principal, found.LogLevel, found.Stored, found.CreatedAt).ShouldBe(("files", "anna", SessionLogLevel.Warning, true, info.CreatedAt));
                found.Subscriptions.ShouldBe([Resource]);
                found.Profile.Capabilities.ToArray().ShouldBe(SessionLifeTests.Profile.Capabilities.ToArray());
            }
        }

        // It is the same session, not a copy: a change at one is told to the other as before its rest.
        var (last, at, there) = opened[^1];
        there.Get<ISessions>().Touch(last.Id);
        await at.Get<ISessions>().UnsubscribeAsync(last.Id, Resource, Soon);
        await UntilAsync(async () => (await there.Get<ISessions>().FindAsync(last.Id, Soon))!.Subscriptions.Count == 0);
    }

    [Fact]
    public async Task Session_that_listens_at_one_node_is_forgotten_by_the_other_alone_and_its_end_there_reaches_the_listener()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first);
        var info = await first.Get<ISessions>().OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, null), Soon);
        using var stream = second.Get<SessionStreams>().Attach(info.Id, info.Route).ShouldNotBeNull();
        await UseAsync(second, info.Id);

        // Asked whether it is used, only the one that listens says so: its actor stays for that.
        await UntilAsync(() => first.Get<ISessions>().List().Count == 0);
        second.Get<ISessions>().List().ShouldHaveSingleItem().Id.ShouldBe(info.Id);
        (first.Get<LocalSessions>().Count + second.Get<LocalSessions>().Count).ShouldBe(1);
        second.Get<SessionStreams>().Publish(info.Id, "{}"u8.ToArray()).ShouldBeTrue();
        Encoding.UTF8.GetString((await stream.ReadAsync(Soon)).Span).ShouldBe("{}");

        (await first.Get<ISessions>().CloseAsync(info.Id, SessionEnd.Closed, Soon)).ShouldBeTrue();

        (await stream.WaitToReadAsync(Soon)).ShouldBeFalse();
        (await second.Get<ISessions>().FindAsync(info.Id, Soon)).ShouldBeNull();
    }

    /// <summary>As requests of a client do that come in there.</summary>
    private static async Task UseAsync(TestNode node, string id)
    {
        var sessions = node.Get<ISessions>();
        (await sessions.FindAsync(id, Soon)).ShouldNotBeNull();
        sessions.Touch(id);
        (await sessions.SetLogLevelAsync(id, SessionLogLevel.Warning, Soon)).ShouldNotBeNull();
        (await sessions.SubscribeAsync(id, Resource, Soon)).ShouldNotBeNull();
    }

    private Task<TestNode> StartAsync(TestNode? seed = null)
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        if (seed is not null)
        {
            var address = ClusterExtension.Get(seed.System).SelfAddress;
            settings = settings with { Seeds = [$"{address.Host}:{address.Port}"] };
        }

        return TestNode.StartAsync(settings, services: services => services.AddSingleton(Short));
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var limit = Soon;
        while (!await condition())
            await timer.WaitForNextTickAsync(limit);
    }
}
