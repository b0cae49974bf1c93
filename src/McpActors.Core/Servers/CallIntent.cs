using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

/// <summary>
/// The id of one call on its way through the gateway; unique in the cluster and never used again. Its upper half tells the life of the node that carries
/// the call, so that the call ends with the node.
/// </summary>
public readonly record struct CallId(long Value)
{
    /// <summary>The life of the node that carries the call.</summary>
    public int Node => (int)(Value >> 32);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Makes call ids: the upper half tells this node's life from all others, the lower half counts.</summary>
/// <param name="node">The life of the node.</param>
public sealed class CallIds(int node)
{
    private static readonly CallIds Lone = new(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue));
    private uint _last;

    /// <summary>A new id of a process that is no member of a cluster.</summary>
    public static CallId Next() => Lone.Take();

    /// <summary>A new id.</summary>
    public CallId Take() => new(((long)node << 32) | Interlocked.Increment(ref _last));
}

/// <summary>What a call is about: all that its admission is decided upon.</summary>
/// <param name="Method">The MCP method.</param>
/// <param name="Target">The tool's or prompt's name or the resource's URI, as the upstream knows it.</param>
/// <param name="Slot">Which upstream session or process it uses.</param>
/// <param name="Key">Under which its result may be cached and shared; null for a call that is neither.</param>
/// <param name="Tag">What its cached result becomes invalid with; means nothing without a key.</param>
/// <param name="Deadline">When its answer is worth nothing any more.</param>
/// <param name="TraceParent">W3C trace context of the caller.</param>
public sealed record CallIntent(
    McpMethod Method,
    string? Target,
    SlotKey Slot,
    CacheKey? Key,
    CacheTag Tag,
    DateTimeOffset Deadline,
    string? TraceParent = null)
{
    /// <summary>Whether the call is to renew a cached result: it skips the cache, but still joins an identical call in flight.</summary>
    public bool Refresh { get; init; }

    /// <summary>
    /// How long its answer was still waited for when the question left its node; null before. The clocks of nodes may differ, so that between them only this counts, as a timeout does
    /// on the wire of gRPC. The way is not counted: who asked stops waiting by its own clock.
    /// </summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>As it leaves for another node.</summary>
    public CallIntent Leaving(DateTimeOffset now) => this with { TimeLeft = Deadline - now };

    /// <summary>As it has come to a node: with a deadline by the clock there.</summary>
    public CallIntent Arrived(DateTimeOffset now) => TimeLeft is { } left ? this with { Deadline = now + left, TimeLeft = null } : this;
}

/// <summary>A result to cache.</summary>
/// <param name="Result">The <c>result</c> value as the upstream gave it; the array is not changed afterwards.</param>
/// <param name="Ttl">How long it is fresh. Zero: it is only shared with the identical calls that wait for it.</param>
/// <param name="Scope">Who may be given it.</param>
/// <param name="Revision">The protocol revision in which the upstream gave it.</param>
public sealed record CacheFill(ReadOnlyMemory<byte> Result, TimeSpan Ttl, CacheScope Scope, ProtocolRevision Revision);
