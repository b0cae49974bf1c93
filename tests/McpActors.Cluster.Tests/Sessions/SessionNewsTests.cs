using Akka.Actor;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Sessions;
using Microsoft.Extensions.Time.Testing;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Tests.Sessions;

/// <summary>What a node tells the owners of sessions that it uses, when these leave or die.</summary>
public sealed class SessionNewsTests : TestKit
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));
    private readonly TimeSpan _restAfter = new SessionActorSettings().RestAfter;
    private readonly SessionStreams _streams = new(TestNode.Settings("unused.db"));
    private readonly SessionCache _cache;
    private readonly DrainGate _drain;
    private readonly IActorRef _news;

    public SessionNewsTests()
    {
        _cache = new SessionCache(2, new SessionSettings(), _time);
        _drain = new DrainGate(_time);
        _news = Sys.ActorOf(SessionNews.Props(TestActor, _cache, _streams, _restAfter, _drain));
    }

    [Fact]
    public void After_the_loss_of_a_node_sessions_that_listen_are_told_at_once_and_the_others_when_they_are_used()
    {
        var used = _time.GetUtcNow();
        foreach (var id in (string[])["listens", "quiet"])
        {
            _cache.Keep(Info(id));
            _cache.Use(id).ShouldBeTrue();
        }

        using var stream = _streams.Attach("listens", "files");
        using var homeless = _streams.Attach("found no room", "files");
        _time.Advance(_restAfter * 2);
        ShouldHaveToldNothing();

        Sys.EventStream.Publish(new NodeGone(7));

        Touch[] told = [ExpectMsg<Touch>(), ExpectMsg<Touch>()];
        told.ShouldBe([new Touch("listens", used) { Ago = _restAfter * 2 }, Unknown("found no room")], ignoreOrder: true);
        ShouldHaveToldNothing();
        _cache.Use("quiet").ShouldBeTrue("its next owner does not know of this node");
        _cache.Use("quiet").ShouldBeFalse();
    }

    [Fact]
    public void Session_that_found_no_room_keeps_its_owner_while_it_listens()
    {
        using (_streams.Attach("a", "files"))
        {
            _news.Tell(new SessionResting("a"));
            ExpectMsg<Touch>().ShouldBe(Unknown("a"));
        }

        _news.Tell(new SessionResting("a"));
        ShouldHaveToldNothing();
    }

    [Fact]
    public void Node_that_leaves_uses_no_session_any_more()
    {
        _cache.Keep(Info("a"));
        using var stream = _streams.Attach("a", "files");
        _drain.Begin();

        _news.Tell(new SessionResting("a"));

        ShouldHaveToldNothing();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _drain.Dispose();
    }

    /// <summary>Its messages keep their order: what it told before would come before this.</summary>
    private void ShouldHaveToldNothing()
    {
        _news.Tell(new SessionNews.TellUse("mark", _time.GetUtcNow()));
        ExpectMsg<Touch>().SessionId.ShouldBe("mark");
    }

    // Before any use that its owner knows of.
    private Touch Unknown(string id) => new(id, DateTimeOffset.UnixEpoch) { Ago = _time.GetUtcNow() - DateTimeOffset.UnixEpoch };

    private SessionInfo Info(string id) => new() { Id = id, Route = "files", Profile = SessionLifeTests.Profile, CreatedAt = _time.GetUtcNow() };
}
