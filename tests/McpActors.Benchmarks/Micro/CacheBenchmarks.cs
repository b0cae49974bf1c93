using BenchmarkDotNet.Attributes;
using McpActors.Core.Servers.Cache;

namespace McpActors.Benchmarks.Micro;

/// <summary>The cache of one server: key, hit, and a fill that evicts.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class CacheBenchmarks
{
    private static readonly byte[] Arguments = """{"path":"/srv/data/report.txt","head":100}"""u8.ToArray();
    private readonly CallCache _cache = new(CacheOptions.Default);
    private readonly byte[] _payload = new byte[2_000];
    private readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private CacheKey _key;
    private int _next;

    /// <summary>Fills the cache to its bound.</summary>
    [GlobalSetup]
    public void Fill()
    {
        for (var i = 0; i < CacheOptions.Default.Entries; i++)
            Put();
        _key = Key(_next - 1);
    }

    /// <summary>The key of a call.</summary>
    [Benchmark]
    public CacheKey ComputeKey() => CacheKey.Compute("p:anonymous"u8, "tools/call"u8, Arguments);

    /// <summary>A hit.</summary>
    [Benchmark(Baseline = true)]
    public bool Hit() => _cache.Lookup(_key, CacheKind.ToolCall, _now).Entry is not null;

    /// <summary>A fill that evicts the least recently used entry.</summary>
    [Benchmark]
    public void FillAndEvict() => Put();

    private void Put() => _cache.Put(
        new CacheEntry { Key = Key(_next++), Tag = new CacheTag(CacheKind.ToolCall), Payload = _payload, FetchedAt = _now, Ttl = TimeSpan.FromMinutes(10) },
        _cache.Generation(CacheKind.ToolCall));

    private static CacheKey Key(int i) => new((UInt128)i);
}
