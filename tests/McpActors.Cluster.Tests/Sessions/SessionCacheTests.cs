using McpActors.Cluster.Sessions;
using McpActors.Core.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Cluster.Tests.Sessions;

public sealed class SessionCacheTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));
    private readonly SessionSettings _settings = new();
    private readonly TimeSpan _rest = TimeSpan.FromMinutes(2);

    [Fact]
    public void First_use_is_told_and_then_one_in_an_eighth_of_the_idle_time()
    {
        var cache = Cache(10);
        cache.Keep(Info("a"));

        cache.Use("a").ShouldBeTrue();
        var told = 0;
        for (var i = 0; i < 160; i++)
        {
            _time.Advance(_settings.TouchEvery / 10);
            told += cache.Use("a") ? 1 : 0;
        }

        told.ShouldBe(16);
    }

    [Fact]
    public void Each_use_of_a_session_that_found_no_room_is_told()
    {
        var cache = Cache(1);
        cache.Keep(Info("a"));
        cache.Keep(Info("b")).ShouldBeFalse();

        cache.Use("b").ShouldBeTrue();
        cache.Use("b").ShouldBeTrue();

        cache.Count.ShouldBe(1);
    }

    [Fact]
    public void Idle_sessions_make_room_and_used_ones_do_not()
    {
        var cache = Cache(2);
        cache.Keep(Info("idle"));
        cache.Keep(Info("used"));
        cache.Keep(Info("third")).ShouldBeFalse();

        _time.Advance(_settings.Idle - TimeSpan.FromSeconds(10));
        cache.Use("used");
        _time.Advance(TimeSpan.FromSeconds(20));

        cache.HasRoom().ShouldBeTrue();
        cache.Find("idle").ShouldBeNull();
        cache.Find("used").ShouldNotBeNull();
    }

    [Fact]
    public void News_of_a_session_that_is_not_kept_are_left_alone()
    {
        var cache = Cache(2);
        cache.Update(Info("a"));
        cache.Count.ShouldBe(0);
        cache.Keep(Info("a"));
        cache.Update(Info("a") with { LogLevel = SessionLogLevel.Error });
        cache.Find("a")!.LogLevel.ShouldBe(SessionLogLevel.Error);
    }

    [Fact]
    public void Session_at_rest_is_asked_for_again_but_still_counts()
    {
        var cache = Cache(2);
        cache.Keep(Info("a"));
        cache.Keep(Info("b"));
        _time.Advance(_rest);

        cache.Rest("a", _rest, listens: false).ShouldBeNull();

        cache.Find("a").ShouldBeNull();
        (cache.Count, cache.HasRoom()).ShouldBe((2, false));
        cache.Keep(Info("a")).ShouldBeTrue();
        (cache.Count, cache.Find("a")?.Id).ShouldBe((2, "a"));
        // Its owner hears that this node uses it again.
        cache.Use("a").ShouldBeTrue();
    }

    [Fact]
    public void Session_used_lately_or_listening_keeps_its_owner_and_says_when_it_was_used()
    {
        var cache = Cache(2);
        var used = _time.GetUtcNow();
        cache.Keep(Info("a"));
        _time.Advance(_rest / 2);
        cache.Rest("a", _rest, listens: false).ShouldBe(used);
        _time.Advance(_rest);
        cache.Rest("a", _rest, listens: true).ShouldBe(used);

        cache.Rest("nobody", _rest, listens: true).ShouldBeNull();

        cache.Find("a").ShouldNotBeNull();
        cache.Count.ShouldBe(1);
    }

    [Fact]
    public void Session_at_rest_makes_room_when_it_ends_or_nobody_used_it_for_the_idle_time()
    {
        var cache = Cache(2);
        cache.Keep(Info("ended"));
        cache.Keep(Info("idle"));
        _time.Advance(_rest);
        cache.Rest("ended", _rest, listens: false);
        cache.Rest("idle", _rest, listens: false);

        cache.Remove("ended").ShouldBeTrue();
        cache.Count.ShouldBe(1);
        cache.Keep(Info("other"));
        _time.Advance(_settings.Idle - TimeSpan.FromSeconds(1));
        cache.Use("other");

        cache.HasRoom().ShouldBeTrue();
        cache.Count.ShouldBe(1);
    }

    private SessionCache Cache(int capacity) => new(capacity, _settings, _time);

    private SessionInfo Info(string id) => new() { Id = id, Route = "files", Profile = SessionLifeTests.Profile, CreatedAt = _time.GetUtcNow() };
}
