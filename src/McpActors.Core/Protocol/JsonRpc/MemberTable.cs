using System.Text;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>The known member names of one kind of object, and the recognition of names that a lax parser would take for one of them.</summary>
internal sealed class MemberTable
{
    private const int LongestFolded = 128;
    private readonly (int Index, byte[] Name)[][] _byLength;

    /// <summary>The names in the order of their numbers, which start at 1.</summary>
    internal MemberTable(params string[] names)
    {
        _byLength = new (int, byte[])[names.Max(name => name.Length) + 1][];
        for (var length = 0; length < _byLength.Length; length++)
        {
            _byLength[length] = [.. names.Select((name, i) => (i + 1, Encoding.ASCII.GetBytes(name))).Where(row => row.Item2.Length == length)];
        }
    }

    /// <summary>The number of a known name; 0 for any other.</summary>
    internal int Find(ReadOnlySpan<byte> name)
    {
        if (name.Length < _byLength.Length)
        {
            foreach (ref readonly var row in _byLength[name.Length].AsSpan())
            {
                if (name.SequenceEqual(row.Name))
                {
                    return row.Index;
                }
            }
        }

        return 0;
    }

    /// <summary>Whether a name that is not known equals a known one to a parser that ignores case.</summary>
    internal bool IsTwin(ReadOnlySpan<byte> name)
    {
        if (Ascii.IsValid(name))
        {
            return IsAsciiTwin(name);
        }

        if (name.Length > LongestFolded)
        {
            return false;
        }

        Span<byte> folded = stackalloc byte[LongestFolded];
        return IsAsciiTwin(folded[..Fold(name, folded)]);
    }

    private bool IsAsciiTwin(ReadOnlySpan<byte> name)
    {
        if (name.Length < _byLength.Length)
        {
            foreach (ref readonly var row in _byLength[name.Length].AsSpan())
            {
                if (Ascii.EqualsIgnoreCase(name, row.Name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Two letters outside ASCII fold to ASCII ones in parsers that use Unicode case folding (Go's, for one): long s and the Kelvin sign.
    private static int Fold(ReadOnlySpan<byte> name, Span<byte> folded)
    {
        var length = 0;
        while (!name.IsEmpty)
        {
            var (letter, size) = name switch
            {
                [0xC5, 0xBF, ..] => ((byte)'s', 2),
                [0xE2, 0x84, 0xAA, ..] => ((byte)'k', 3),
                _ => (name[0], 1),
            };
            folded[length++] = letter;
            name = name[size..];
        }

        return length;
    }
}
