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

    private static long Size(List<CacheEntry> entries) => entries.Sum(entry => (long)entry.Payload.Length + CallCache.EntryOverhead);
}
