using McpActors.Cluster.Security;
using McpActors.Core.Configuration;
using McpActors.Core.Security.Keys;
using McpActors.Gateway.Cli;
using McpActors.Gateway.Front.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Gateway.Tests.Front.Security;

/// <summary>Streams end when the time of their key is over.</summary>
public sealed class KeyGateTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly Lifetime _lifetime = new();
    private readonly TaskCompletionSource _ends = new();

    [Theory]
    [InlineData(90)]
    [InlineData(60 * 24 * 365)]
    public async Task An_open_stream_ends_with_the_time_of_its_key_and_not_before(int minutes)
    {
        var ttl = TimeSpan.FromMinutes(minutes);
        var stream = StreamAsync(ttl);
        // Each step may set the next timer.
        for (var passed = TimeSpan.Zero; passed < ttl - TimeSpan.FromMinutes(30); passed += TimeSpan.FromMinutes(30))
            _time.Advance(TimeSpan.FromMinutes(30));
        _lifetime.RequestAborted.IsCancellationRequested.ShouldBeFalse();

        _time.Advance(TimeSpan.FromMinutes(30));

        _lifetime.RequestAborted.IsCancellationRequested.ShouldBeTrue();
        await stream;
    }

    [Fact]
    public async Task A_stream_that_ended_is_left_alone_when_its_key_expires()
    {
        var stream = StreamAsync(TimeSpan.FromMinutes(5));
        _ends.SetResult();
        await stream;

        _time.Advance(TimeSpan.FromMinutes(10));

        _lifetime.RequestAborted.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_stream_of_a_key_without_an_end_goes_on()
    {
        var stream = StreamAsync(null);

        _time.Advance(TimeSpan.FromDays(1000));

        _lifetime.RequestAborted.IsCancellationRequested.ShouldBeFalse();
        _ends.SetResult();
        await stream;
    }

    [Theory]
    [InlineData(true, true, 401)]
    [InlineData(false, true, 503)]
    [InlineData(false, false, 401)]
    public async Task A_key_is_refused_only_by_a_node_that_knows_the_keys(bool areKnown, bool isWellFormed, int status)
    {
        var keys = new OneKey(new ApiKey("k", "ci", KeyHash.Of("another"), KeyScopes.Call, _time.GetUtcNow(), "anna", null)) { AreKnown = areKnown };
        var gate = new KeyGate(Next, keys, _time, new AuthOptions { Mode = AuthMode.Keys }, static _ => Permission.Call);
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = "Bearer " + (isWellFormed ? KeyText.Write(new byte[32]) : "guessed");

        await gate.InvokeAsync(http);

        http.Response.StatusCode.ShouldBe(status);
        http.Response.Headers.RetryAfter.Count.ShouldBe(status == 503 ? 1 : 0);
        http.Response.Headers.WWWAuthenticate.Count.ShouldBe(status == 503 ? 0 : 1);
    }

    public void Dispose() => _lifetime.Dispose();

    private Task StreamAsync(TimeSpan? ttl)
    {
        var text = KeyText.Write(new byte[32]);
        var now = _time.GetUtcNow();
        var keys = new OneKey(new ApiKey("k", "ci", KeyHash.Of(text), KeyScopes.Call, now, "anna", now + ttl));
        var gate = new KeyGate(Next, keys, _time, new AuthOptions { Mode = AuthMode.Keys }, static _ => Permission.Call);
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpRequestLifetimeFeature>(_lifetime);
        http.Request.Method = "GET";
        http.Request.Headers.Authorization = "Bearer " + text;
        return gate.InvokeAsync(http);
    }

    private async Task Next(HttpContext http)
    {
        using var aborted = http.RequestAborted.Register(() => _ends.TrySetResult());
        await _ends.Task;
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature, IDisposable
    {
        private readonly CancellationTokenSource _aborted = new();

        public CancellationToken RequestAborted
        {
            get => _aborted.Token;
            set => throw new NotSupportedException();
        }

        public void Abort() => _aborted.Cancel();

        public void Dispose() => _aborted.Dispose();
    }

    private sealed class OneKey(ApiKey key) : IKeys
    {
        public bool AreKnown { get; init; } = true;

        public IReadOnlyList<ApiKey> All => [key];

        public ApiKey? Find(ReadOnlySpan<char> text) => key.Hash.Matches(KeyHash.Of(text)) ? key : null;

        public CancellationToken EndOf(ApiKey of) => CancellationToken.None;

        public Task<KeyChange> CreateAsync(NewKey wanted, CancellationToken ct) => throw new NotSupportedException();

        public Task<KeyChange> RevokeAsync(string id, string who, CancellationToken ct) => throw new NotSupportedException();
    }
}
