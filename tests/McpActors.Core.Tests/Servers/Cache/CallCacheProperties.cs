using FsCheck.Xunit;
using McpActors.Core.Servers.Cache;

namespace McpActors.Core.Tests.Servers.Cache;

/// <summary>Random use against a plain list in the order of use.</summary>
public sealed class CallCacheProperties
{
    private static readonly DateTimeOffset Now = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);

    [Property(MaxTest = 1000, EndSize = 400)]
    public void Order_bounds_and_invalidation_equal_the_model(byte[] script)
    {
        var options = new CacheOptions { Entries = 5, Bytes = 6L * CallCache.EntryOverhead };
        var cache = new CallCache(options);
        var model = new List<CacheEntry>();
        foreach (var step in script)
        {
            var number = step / 16;
            var kind = (CacheKind)(number % 3);
            var tag = new CacheTag(kind, (ulong)(number % 2));
            switch (step % 16)
            {
                case < 8:
                    var entry = CallCacheTests.Entry(number, tag.Kind, tag.Subject, size: step % 8 * 100);
                    cache.Put(entry, cache.Generation(kind)).ShouldBe(CachePut.Stored);
                    model.RemoveAll(old => old.Key == entry.Key);
                    model.Add(entry);
                    while (model.Count > options.Entries || Size(model) > options.Bytes)
                    {
                        model.RemoveAt(0);
                    }

                    break;
                case < 13:
                    var found = cache.Lookup(CallCacheTests.Key(number), kind, Now);
                    var expected = model.Find(old => old.Key == CallCacheTests.Key(number));
                    found.Entry.ShouldBe(expected);
                    if (expected is not null)
                    {
                        model.Remove(expected);
                        model.Add(expected);
                    }

                    break;
                case 13:
                    cache.Invalidate(tag, keepForErrors: false).ShouldBe(model.RemoveAll(old => old.Tag == tag));
                    break;
                case 14:
                    cache.Invalidate(kind, keepForErrors: false).ShouldBe(model.RemoveAll(old => old.Tag.Kind == kind));
                    break;
                default:
                    if (number == 0)
                    {
                        cache.Clear().ShouldBe(model.Count);
                        model.Clear();
                    }

                    break;
            }

            cache.Entries.ShouldBe(model);
            cache.Count.ShouldBe(model.Count);
            cache.Bytes.ShouldBe(Size(model));
        }
    }

    [Property(MaxTest = 1000, EndSize = 400)]
    public void What_is_stored_by_the_changes_equals_the_cache_and_restores_it(byte[] script)
    {
        var options = new CacheOptions { Entries = 5, Bytes = 6L * CallCache.EntryOverhead, Persist = CachePersistence.All };
        var cache = new CallCache(options);
        var stored = new Dictionary<CacheKey, StoredEntry>();
        foreach (var step in script)
        {
            var number = step / 16;
            var kind = (CacheKind)(number % 3);
            switch (step % 16)
            {
                case < 8:
                    cache.Put(CallCacheTests.Entry(number, kind, (ulong)(number % 2), size: step % 8 * 100), cache.Generation(kind));
                    break;
                case < 11:
                    cache.Invalidate(new CacheTag(kind, (ulong)(number % 2)), keepForErrors: step % 2 == 0);
                    break;
                case 11 when number == 0:
                    cache.Clear();
                    break;
                case 12:
                    // The store refused them, after it had taken a part.
                    Apply(cache.TakeChanges() with { Gone = [] }, stored);
                    cache.ChangesLost();
                    break;
                default:
                    Apply(cache.TakeChanges(), stored);
                    cache.HasChanges.ShouldBeFalse();
                    break;
            }
        }

        Apply(cache.TakeChanges(), stored);
        stored.Values.Select(entry => entry.Entry).ShouldBe(cache.Entries, ignoreOrder: true);

        var again = new CallCache(options);
        stored.Values.ShouldAllBe(entry => again.Restore(entry, Now));
        again.HasChanges.ShouldBeFalse();
        foreach (var entry in stored.Values)
        {
            var freshness = again.Lookup(entry.Entry.Key, entry.Entry.Tag.Kind, Now).Freshness;
            freshness.ShouldBe(entry.Invalidated ? CacheFreshness.StaleIfError : CacheFreshness.Fresh);
        }
    }

    private static void Apply(CacheChanges changes, Dictionary<CacheKey, StoredEntry> stored)
    {
        if (changes.All)
        {
            stored.Clear();
        }

        foreach (var entry in changes.Kept)
        {
            stored[entry.Entry.Key] = entry;
        }

        foreach (var key in changes.Gone)
        {
            stored.Remove(key);
        }
    }

    private static long Size(List<CacheEntry> entries) => entries.Sum(entry => (long)entry.Payload.Length + CallCache.EntryOverhead);
}
