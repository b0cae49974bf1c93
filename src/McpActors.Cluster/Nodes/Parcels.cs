using System.Security.Cryptography;

namespace McpActors.Cluster.Nodes;

/// <summary>Bytes that are too large for a message between nodes: where they are, and how to know that they are the right ones.</summary>
/// <param name="Node">The life of the node that keeps them.</param>
/// <param name="Key">Under which it keeps them.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Hash">SHA-256.</param>
public sealed record Parcel(int Node, long Key, int Size, ReadOnlyMemory<byte> Hash);

/// <summary>A parcel could not be had.</summary>
public sealed class ParcelLostException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// What this node keeps for others to fetch, and how it fetches theirs. A message between nodes stays below 64 KB, because a large one delays heartbeats and
/// one above the frame tears the association down: what is larger is fetched over the internal listener of its node. Bounded in bytes and time. Thread-safe.
/// </summary>
public sealed class Parcels(INodes nodes, NodeHttp http, TimeProvider time)
{
    /// <summary>The largest part of a message that is put into it; what is larger travels beside.</summary>
    public const int MostInMessage = 56 * 1024;

    /// <summary>Path of the parcels on the internal listener.</summary>
    public const string Path = "internal/v1/parcels/";

    private const long MostKept = 256L << 20;

    private static readonly TimeSpan KeepTime = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Kept> _byKey = [];
    private readonly Queue<long> _byAge = new();
    private long _bytes;
    private long _last;

    /// <summary>Keeps bytes for a minute, or until there is no room for them. They must not change.</summary>
    public Parcel Put(ReadOnlyMemory<byte> bytes)
    {
        var hash = SHA256.HashData(bytes.Span);
        lock (_lock)
        {
            Sweep(bytes.Length);
            _byKey[++_last] = new Kept(bytes, time.GetUtcNow());
            _byAge.Enqueue(_last);
            _bytes += bytes.Length;
            return new Parcel(nodes.Self, _last, bytes.Length, hash);
        }
    }

    /// <summary>What is kept under this key; null when it is no longer.</summary>
    public ReadOnlyMemory<byte>? Find(long key)
    {
        lock (_lock)
        {
            return _byKey.TryGetValue(key, out var kept) ? kept.Bytes : null;
        }
    }

    /// <summary>Fetches a parcel from its node.</summary>
    /// <exception cref="ParcelLostException">It is not there, or not what it should be.</exception>
    public async Task<byte[]> FetchAsync(Parcel parcel, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        var node = nodes.Find(parcel.Node) ?? throw new ParcelLostException("the node that keeps it is gone");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(FetchTime);
        try
        {
            using var request = NodeHttp.Request(HttpMethod.Get, node, $"{Path}{parcel.Key}");
            using var response = await http.Invoker.SendAsync(request, limit.Token);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentLength != parcel.Size)
                throw new ParcelLostException($"its node answered {(int)response.StatusCode}");
            var bytes = await response.Content.ReadAsByteArrayAsync(limit.Token);
            return SHA256.HashData(bytes).AsSpan().SequenceEqual(parcel.Hash.Span) ? bytes : throw new ParcelLostException("it is not what was announced");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ParcelLostException("its node cannot be reached", fault);
        }
    }

    private void Sweep(int room)
    {
        var oldest = time.GetUtcNow() - KeepTime;
        while (_byAge.TryPeek(out var key) && (_byKey[key].At < oldest || _bytes + room > MostKept))
        {
            _byAge.Dequeue();
            _byKey.Remove(key, out var kept);
            _bytes -= kept.Bytes.Length;
        }
    }

    private readonly record struct Kept(ReadOnlyMemory<byte> Bytes, DateTimeOffset At);
}
