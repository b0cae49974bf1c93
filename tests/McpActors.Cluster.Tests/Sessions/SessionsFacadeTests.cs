using Akka.Actor;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Sessions;
using Microsoft.Extensions.Time.Testing;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Tests.Sessions;

/// <summary>A session whose owner moved, and cannot read the journal.</summary>
public sealed class SessionsFacadeTests : TestKit
{
    private readonly FakeTimeProvider _time = new();
    private readonly string _id = SessionIds.Next();
    private readonly SessionsFacade _sessions;

    public SessionsFacadeTests()
    {
        var cache = new SessionCache(10, new SessionSettings(), _time);
        var node = TestNode.Settings("unused.db");
        _sessions = new SessionsFacade(new KnownActor<SessionActor>(TestActor), new KnownActor<SessionNews>(ActorRefs.Nobody), cache, new SessionStreams(node), new NodeDirectory(), _time);
    }

    [Fact]
    public async Task Session_is_asked_for_again_until_its_owner_can_read_the_journal()
    {
        var found = _sessions.FindAsync(_id, CancellationToken.None).AsTask();
        for (var i = 0; i < 3; i++)
        {
            ExpectMsg<GetSession>();
            LastSender.Tell(new SessionUnavailable(_id, "the journal does not answer"));
            await PassUntilAskedAsync();
        }

        ExpectMsg<GetSession>();
        LastSender.Tell(new SessionFound(new SessionInfo { Id = _id, Route = "files", Profile = SessionLifeTests.Profile, CreatedAt = _time.GetUtcNow() }));

        (await found).ShouldNotBeNull().Id.ShouldBe(_id);
    }

    [Fact]
    public async Task Session_is_not_asked_for_without_end_and_its_caller_hears_that_the_journal_is_the_reason()
    {
        var begun = _time.GetUtcNow();
        var change = _sessions.SetLogLevelAsync(_id, SessionLogLevel.Error, CancellationToken.None);
        while (!change.IsCompleted)
        {
            ExpectMsg<SetLogLevel>();
            LastSender.Tell(new SessionUnavailable(_id, "the journal does not answer"));
            await PassUntilAskedAsync(orDone: change);
        }

        var unavailable = await Should.ThrowAsync<SessionUnavailableException>(change);
        unavailable.NoJournal.ShouldBeTrue();
        (_time.GetUtcNow() - begun).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Owner_hears_of_each_use_of_a_session_for_which_the_node_has_no_room()
    {
        var news = CreateTestProbe("news");
        var full = new SessionCache(0, new SessionSettings(), _time);
        var sessions = new SessionsFacade(
            new KnownActor<SessionActor>(TestActor), new KnownActor<SessionNews>(news), full, new SessionStreams(TestNode.Settings("unused.db")), new NodeDirectory(), _time);
        for (var i = 0; i < 2; i++)
        {
            var found = sessions.FindAsync(_id, CancellationToken.None).AsTask();
            ExpectMsg<GetSession>();
            LastSender.Tell(new SessionFound(new SessionInfo { Id = _id, Route = "files", Profile = SessionLifeTests.Profile, CreatedAt = _time.GetUtcNow() }));
            (await found).ShouldNotBeNull();

            sessions.Touch(_id);

            news.ExpectMsg<SessionNews.TellUse>().SessionId.ShouldBe(_id);
        }
    }

    // The answer is taken on another thread: time passes until the next question.
    private Task PassUntilAskedAsync(Task? orDone = null) => AwaitConditionAsync(
        () =>
        {
            if (HasMessages || orDone?.IsCompleted is true)
                return Task.FromResult(true);
            _time.Advance(TimeSpan.FromMilliseconds(20));
            return Task.FromResult(false);
        },
        TimeSpan.FromSeconds(20),
        TimeSpan.FromMilliseconds(1));
}
