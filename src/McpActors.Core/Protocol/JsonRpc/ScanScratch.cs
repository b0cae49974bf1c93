using System.IO.Hashing;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>
/// The member names of the objects that a scan is inside of, as a stack of hashes. One per thread: a scan never waits. A collision, once
/// in 2^64, would refuse a good message and never lets a bad one pass.
/// </summary>
internal sealed class ScanScratch
{
    private const int LinearMembers = 64;
    private const int KeptNames = 16_384;

    [ThreadStatic]
    private static ScanScratch? _ofThread;

    private ulong[] _hashes = new ulong[256];
    private Frame[] _frames = new Frame[64];
    private HashSet<ulong>? _wide;
    private int _count;
    private int _depth;
    private ulong _objects;

    /// <summary>A buffer for unescaped names.</summary>
    internal byte[] Name { get; private set; } = new byte[256];

    /// <summary>The scratch of this thread, empty.</summary>
    internal static ScanScratch Start()
    {
        var scratch = _ofThread ??= new ScanScratch();
        scratch.Reset();
        return scratch;
    }

    /// <summary>Makes room for a name.</summary>
    internal void EnsureName(int length)
    {
        if (Name.Length < length)
        {
            Name = new byte[length];
        }
    }

    /// <summary>An object begins.</summary>
    internal void Enter()
    {
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }

        _frames[_depth++] = new Frame(_count, ++_objects);
    }

    /// <summary>An object ends.</summary>
    internal void Leave() => _count = _frames[--_depth].Start;

    /// <summary>Adds a name to the innermost object; false if it is there already.</summary>
    internal bool Add(ReadOnlySpan<byte> name)
    {
        var hash = XxHash3.HashToUInt64(name);
        ref readonly var frame = ref _frames[_depth - 1];
        var own = _hashes.AsSpan(frame.Start, _count - frame.Start);
        if (own.Length < LinearMembers ? own.Contains(hash) : !AddToWide(frame.Object, own, hash))
        {
            return false;
        }

        if (_count == _hashes.Length)
        {
            Array.Resize(ref _hashes, _count * 2);
        }

        _hashes[_count++] = hash;
        return true;
    }

    // Wide objects leave the linear search, or ten thousand members would cost fifty million comparisons.
    private bool AddToWide(ulong owner, ReadOnlySpan<ulong> own, ulong hash)
    {
        _wide ??= new HashSet<ulong>(new SpreadComparer());
        var salt = owner * 0x9E3779B97F4A7C15UL;
        if (own.Length == LinearMembers)
        {
            foreach (var known in own)
            {
                _wide.Add(known ^ salt);
            }
        }

        return _wide.Add(hash ^ salt);
    }

    private void Reset()
    {
        _count = 0;
        _depth = 0;
        _objects = 0;
        if (_hashes.Length > KeptNames || _wide?.Count > KeptNames || Name.Length > KeptNames)
        {
            _hashes = new ulong[256];
            _wide = null;
            Name = new byte[256];
        }

        _wide?.Clear();
    }

    /// <summary>Spreads hashes by the runtime's own seed: a caller who chooses names must not choose the buckets they fall into.</summary>
    private sealed class SpreadComparer : IEqualityComparer<ulong>
    {
        public bool Equals(ulong x, ulong y) => x == y;

        public int GetHashCode(ulong obj) => HashCode.Combine((uint)obj, (uint)(obj >> 32));
    }

    private readonly record struct Frame(int Start, ulong Object);
}
