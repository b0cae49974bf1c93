using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using Microsoft.Data.Sqlite;

namespace McpActors.Cluster.Tests.Sessions;

public sealed class SessionLifeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    internal static ClientProfile Profile { get; } =
        new(ProtocolRevision.V20250618, """{"roots":{}}"""u8.ToArray(), """{"name":"client","version":"1"}"""u8.ToArray());

    [Fact]
    public async Task Restarted_node_finds_every_session_again()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        var opened = new List<SessionInfo>();
        var resource = new ResourceSubscription(new ServerId("files"), "file:///a");
        await using (var first = await TestNode.StartAsync(settings))
        {
            var sessions = first.Get<ISessions>();
            for (var i = 0; i < 20; i++)
                opened.Add(await sessions.OpenAsync(new SessionOpen("files", Profile, i % 2 == 0 ? "anna" : null), Soon));
            await sessions.SetLogLevelAsync(opened[0].Id, SessionLogLevel.Warning, Soon);
            await sessions.SubscribeAsync(opened[0].Id, resource, Soon);
            (await sessions.CloseAsync(opened[1].Id, SessionEnd.Closed, Soon)).ShouldBeTrue();
        }

        opened.ShouldAllBe(info => info.Stored);
        opened.Select(info => info.Id).Distinct().Count().ShouldBe(20);
        await using var second = await TestNode.StartAsync(settings);
        var again = second.Get<ISessions>();
        again.Count.ShouldBe(0);
        (await again.FindAsync(opened[1].Id, Soon)).ShouldBeNull();
        foreach (var info in opened.Where(info => info != opened[1]))
        {
            var found = (await again.FindAsync(info.Id, Soon)).ShouldNotBeNull();
            found.Route.ShouldBe("files");
            found.Principal.ShouldBe(info.Principal);
            found.ProtocolRevision.ShouldBe(ProtocolRevision.V20250618);
            found.Profile.Capabilities.ToArray().ShouldBe(Profile.Capabilities.ToArray());
            found.CreatedAt.ShouldBe(info.CreatedAt);
            found.Stored.ShouldBeTrue();
        }

        var changed = (await again.FindAsync(opened[0].Id, Soon)).ShouldNotBeNull();
        changed.LogLevel.ShouldBe(SessionLogLevel.Warning);
        changed.Subscriptions.ShouldBe([resource]);
    }

    [Fact]
    public async Task Known_session_is_answered_without_asking_anybody()
    {
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")));
        var sessions = node.Get<ISessions>();
        var info = await sessions.OpenAsync(new SessionOpen(SessionInfo.AllServers, Profile, null), Soon);

        var found = sessions.FindAsync(info.Id, Soon);

        found.IsCompletedSuccessfully.ShouldBeTrue();
        (await found)!.Id.ShouldBe(info.Id);
    }

    [Fact]
    public async Task Unknown_or_malformed_id_finds_nothing()
    {
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")));
        var sessions = node.Get<ISessions>();

        (await sessions.FindAsync("no such thing", Soon)).ShouldBeNull();
        (await sessions.FindAsync(SessionIds.Next(), Soon)).ShouldBeNull();
        (await sessions.CloseAsync(SessionIds.Next(), SessionEnd.Closed, Soon)).ShouldBeFalse();
        (await sessions.SetLogLevelAsync(SessionIds.Next(), SessionLogLevel.Info, Soon)).ShouldBeNull();
    }

    [Fact]
    public async Task Closing_ends_the_streams_of_the_session()
    {
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")));
        var sessions = node.Get<ISessions>();
        var streams = node.Get<SessionStreams>();
        var info = await sessions.OpenAsync(new SessionOpen("files", Profile, null), Soon);
        using var stream = streams.Attach(info.Id, info.Route).ShouldNotBeNull();

        await sessions.CloseAsync(info.Id, SessionEnd.Closed, Soon);

        (await stream.WaitToReadAsync(Soon)).ShouldBeFalse();
        streams.IsAttached(info.Id).ShouldBeFalse();
        (await sessions.FindAsync(info.Id, Soon)).ShouldBeNull();
    }

    [Fact]
    public async Task Node_refuses_sessions_beyond_its_limit_and_says_which()
    {
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")) with { MaxSessions = 3 });
        var sessions = node.Get<ISessions>();
        for (var i = 0; i < 3; i++)
            await sessions.OpenAsync(new SessionOpen("files", Profile, null), Soon);

        var refused = await Should.ThrowAsync<SessionRefusedException>(() => sessions.OpenAsync(new SessionOpen("files", Profile, null), Soon));

        refused.Message.ShouldContain("limits.sessions");
        await sessions.CloseAsync(sessions.List()[0].Id, SessionEnd.Closed, Soon);
        (await sessions.OpenAsync(new SessionOpen("files", Profile, null), Soon)).Stored.ShouldBeTrue();
    }

    [Fact]
    public async Task Too_large_a_profile_is_refused()
    {
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")));
        var large = Profile with { Capabilities = new byte[40_000] };

        var refused = await Should.ThrowAsync<SessionRefusedException>(() =>
            node.Get<ISessions>().OpenAsync(new SessionOpen("files", large, null), Soon));

        refused.Message.ShouldContain("32768");
    }

    [Fact]
    public async Task Id_of_a_session_stands_in_no_path_of_an_actor_and_in_no_name_in_the_journal()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using var node = await TestNode.StartAsync(settings);
        var info = await node.Get<ISessions>().OpenAsync(new SessionOpen("files", Profile, null), Soon);

        var name = SessionHandle.NameOf(info.Id);
        // A path that leads nowhere would not be resolved.
        var actor = await node.System.ActorSelection($"/system/sharding/session/*/{name}/recorder").ResolveOne(TimeSpan.FromSeconds(5));
        actor.Path.ToString().ShouldNotContain(info.Id);
        await using var connection = new SqliteConnection(settings.Connection);
        await connection.OpenAsync(Soon);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT persistence_id FROM journal WHERE persistence_id LIKE 'session-%'";
        (await command.ExecuteScalarAsync(Soon)).ShouldBe($"session-{name}");
    }

    public void Dispose() => _folder.Dispose();
}
