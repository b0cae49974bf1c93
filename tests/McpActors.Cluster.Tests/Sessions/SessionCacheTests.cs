using McpActors.Cluster.Sessions;
using McpActors.Core.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Cluster.Tests.Sessions;

public sealed class SessionCacheTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));
    private readonly SessionSettings _settings = new();

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
        cache.Use("nobody").ShouldBeFalse();
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

    private SessionCache Cache(int capacity) => new(capacity, _settings, _time);

    private SessionInfo Info(string id) => new() { Id = id, Route = "files", Profile = SessionLifeTests.Profile, CreatedAt = _time.GetUtcNow() };
}
