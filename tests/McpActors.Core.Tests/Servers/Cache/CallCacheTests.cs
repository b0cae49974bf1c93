using System.Text;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;

namespace McpActors.Core.Tests.Servers.Cache;

public sealed class CallCacheTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);
    private readonly CallCache _cache = new(CacheOptions.Default with { Entries = 3, Bytes = 10_000 });

    [Theory]
    [InlineData(0, CacheFreshness.Fresh, 60)]
    [InlineData(59.5, CacheFreshness.Fresh, 0.5)]
    [InlineData(60, CacheFreshness.StaleWhileRevalidate, 0)]
    [InlineData(89.9, CacheFreshness.StaleWhileRevalidate, 0)]
    [InlineData(90, CacheFreshness.StaleIfError, 0)]
    [InlineData(359.9, CacheFreshness.StaleIfError, 0)]
    [InlineData(360, CacheFreshness.Miss, 0)]
    public void Entry_ages_from_fresh_over_stale_to_nothing(double seconds, CacheFreshness expected, double remaining)
    {
        Put(Entry(1));
        var found = Lookup(1, Now.AddSeconds(seconds));
        found.Freshness.ShouldBe(expected);
        found.Remaining.ShouldBe(TimeSpan.FromSeconds(remaining));
        (found.Entry is null).ShouldBe(expected == CacheFreshness.Miss);
        _cache.Count.ShouldBe(expected == CacheFreshness.Miss ? 0 : 1);
    }

    [Fact]
    public void Clock_set_back_does_not_keep_an_entry_for_ever()
    {
        Put(Entry(1));
        Lookup(1, Now.AddDays(-1)).Freshness.ShouldBe(CacheFreshness.Miss);
    }

    [Fact]
    public void Least_recently_used_leaves_first()
    {
        Put(Entry(1), Entry(2), Entry(3));
        Lookup(1, Now);
        Put(Entry(4));
        _cache.Entries.Select(entry => entry.Key).ShouldBe([Key(3), Key(1), Key(4)]);
        _cache.Statistics.Evictions.ShouldBe(1);
    }

    [Fact]
    public void Entry_larger_than_the_cache_is_not_stored_and_drops_the_one_it_replaces()
    {
        Put(Entry(1));
        _cache.Put(Entry(1, size: 10_000), _cache.Generation(CacheKind.ToolsList)).ShouldBe(CachePut.TooLarge);
        Lookup(1, Now).Freshness.ShouldBe(CacheFreshness.Miss);
        _cache.Bytes.ShouldBe(0);
    }

    [Fact]
    public void Changed_list_invalidates_its_kind_alone()
    {
        Put(Entry(1), Entry(2, CacheKind.PromptsList));
        _cache.Invalidate(CacheKind.ToolsList, keepForErrors: false).ShouldBe(1);
        Lookup(1, Now).Freshness.ShouldBe(CacheFreshness.Miss);
        Lookup(2, Now).Freshness.ShouldBe(CacheFreshness.Fresh);
    }

    [Fact]
    public void Changed_resource_invalidates_it_alone()
    {
        Put(Entry(1, CacheKind.Resource, 7), Entry(2, CacheKind.Resource, 8), Entry(3, CacheKind.Resource, 7));
        _cache.Invalidate(new CacheTag(CacheKind.Resource, 7), keepForErrors: false).ShouldBe(2);
        _cache.Entries.Select(entry => entry.Key).ShouldBe([Key(2)]);
        _cache.Invalidate(CacheKind.Resource, keepForErrors: false).ShouldBe(1);
    }

    [Fact]
    public void Invalidated_list_may_stay_as_the_last_good_copy()
    {
        Put(Entry(1));
        _cache.Invalidate(CacheKind.ToolsList, keepForErrors: true);
        Lookup(1, Now).Freshness.ShouldBe(CacheFreshness.StaleIfError);
        Put(Entry(1));
        Lookup(1, Now).Freshness.ShouldBe(CacheFreshness.Fresh);
    }

    [Fact]
    public void What_was_fetched_before_an_invalidation_is_not_stored_after_it()
    {
        var before = Lookup(1, Now).Generation;
        _cache.Invalidate(CacheKind.ToolsList, keepForErrors: true);
        _cache.Put(Entry(1), before).ShouldBe(CachePut.Superseded);
        _cache.Clear();
        _cache.Put(Entry(1), before + 1).ShouldBe(CachePut.Superseded);
        _cache.Count.ShouldBe(0);
    }

    [Fact]
    public void Entries_in_their_order_restore_the_cache()
    {
        Put(Entry(1), Entry(2), Entry(3));
        Lookup(1, Now);
        var restored = new CallCache(CacheOptions.Default);
        foreach (var entry in _cache.Entries)
        {
            restored.Put(entry, restored.Generation(entry.Tag.Kind)).ShouldBe(CachePut.Stored);
        }

        restored.Entries.ShouldBe(_cache.Entries);
        restored.Bytes.ShouldBe(_cache.Bytes);
    }

    [Fact]
    public void Sweep_removes_what_is_of_no_use_and_new_bounds_what_is_too_much()
    {
        Put(Entry(1), Entry(2) with { FetchedAt = Now.AddSeconds(300) }, Entry(3));
        _cache.Sweep(Now.AddSeconds(400), limit: 2).ShouldBe(1);
        _cache.Entries.Select(entry => entry.Key).ShouldBe([Key(2), Key(3)]);
        _cache.Reconfigure(CacheOptions.Default with { Entries = 1 });
        _cache.Entries.Select(entry => entry.Key).ShouldBe([Key(3)]);
        _cache.Reconfigure(CacheOptions.Default with { Entries = 0 });
        _cache.Put(Entry(1), 0).ShouldBe(CachePut.TooLarge);
        _cache.Count.ShouldBe(0);
    }

    [Fact]
    public void Key_depends_on_where_one_part_ends_and_on_every_part()
    {
        CacheKey[] keys =
        [
            Compute("", "tools/call", "{}"), Compute("a", "tools/call", "{}"), Compute("", "atools/call", "{}"), Compute("", "tools/call{", "}"),
            Compute("", "tools/call", "{ }"), Compute("", "tools/call", new string('x', 5000)), Compute("", "tools/call", new string('x', 5001)),
        ];
        keys.Distinct().Count().ShouldBe(keys.Length);
        Compute("a", "tools/call", "{}").ShouldBe(Compute("a", "tools/call", "{}"));
    }

    [Fact]
    public void Changes_are_noted_only_where_results_outlive_a_restart_and_switching_off_drops_what_is_stored()
    {
        Put(Entry(1));
        _cache.HasChanges.ShouldBeFalse();
        _cache.Reconfigure(CacheOptions.Default with { Persist = CachePersistence.All });
        _cache.TakeChanges().Kept.Single().Entry.Key.ShouldBe(Key(1));
        Put(Entry(2));
        _cache.Reconfigure(CacheOptions.Default);
        var last = _cache.TakeChanges();
        last.All.ShouldBeTrue();
        last.Kept.ShouldBeEmpty();
        Put(Entry(3));
        _cache.HasChanges.ShouldBeFalse();
    }

    [Fact]
    public void Restored_entry_keeps_its_remaining_time_and_never_replaces_what_is_newer()
    {
        var (old, expired) = (new StoredEntry(Entry(1) with { FetchedAt = Now.AddSeconds(-40) }, Invalidated: false), new StoredEntry(Entry(2) with { FetchedAt = Now.AddSeconds(-400) }, Invalidated: false));
        _cache.Restore(old, Now).ShouldBeTrue();
        _cache.Restore(expired, Now).ShouldBeFalse();
        Lookup(1, Now).Remaining.ShouldBe(TimeSpan.FromSeconds(20));
        Put(Entry(1));
        _cache.Restore(old, Now).ShouldBeFalse();
        Lookup(1, Now).Remaining.ShouldBe(TimeSpan.FromSeconds(60));
        _cache.Invalidate(CacheKind.ToolsList, keepForErrors: false);
        _cache.Restore(old, Now).ShouldBeFalse("its kind was invalidated in this life");
    }

    [Fact]
    public void Defaults_keep_their_rules() => CacheOptions.Rules.Broken(CacheOptions.Default).ShouldBeEmpty();

    internal static CacheKey Key(int number) => new((UInt128)(uint)number);

    internal static CacheEntry Entry(int number, CacheKind kind = CacheKind.ToolsList, ulong subject = 0, int size = 10) => new()
    {
        Key = Key(number),
        Tag = new CacheTag(kind, subject),
        Payload = new byte[size],
        FetchedAt = Now,
        Ttl = TimeSpan.FromSeconds(60),
        StaleWhileRevalidate = TimeSpan.FromSeconds(30),
        StaleIfError = TimeSpan.FromSeconds(300),
    };

    private static CacheKey Compute(string scope, string method, string arguments) =>
        CacheKey.Compute(Encoding.UTF8.GetBytes(scope), Encoding.UTF8.GetBytes(method), Encoding.UTF8.GetBytes(arguments));

    private CacheLookup Lookup(int number, DateTimeOffset now) => _cache.Lookup(Key(number), CacheKind.ToolsList, now);

    private void Put(params CacheEntry[] entries)
    {
        foreach (var entry in entries)
        {
            _cache.Put(entry, _cache.Generation(entry.Tag.Kind)).ShouldBe(CachePut.Stored);
        }
    }
}
