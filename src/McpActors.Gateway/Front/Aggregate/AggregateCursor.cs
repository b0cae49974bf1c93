using System.Buffers.Text;
using System.Globalization;
using System.Text;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>
/// Where the next page of a merged list begins: a server and a place in its list. Servers come in the order of their ids, so a cursor stays good
/// while servers come and go. It is opaque to clients and holds no secret; it is checked as any input.
/// </summary>
/// <param name="Kind">The list.</param>
/// <param name="Server">The id of the server.</param>
/// <param name="Index">The first entry of the page in that server's list.</param>
internal readonly record struct AggregateCursor(ListKind Kind, string Server, int Index)
{
    private const int Longest = 96;

    /// <summary>The cursor as clients see it.</summary>
    public string Encode()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"1.{(int)Kind}.{Index}.{Server}");
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Reads a cursor; false for one that was not made here for this kind of list.</summary>
    public static bool TryDecode(string text, ListKind kind, out AggregateCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Longest];
        if (text.Length is 0 or > Longest || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written))
            return false;
        var parts = Encoding.UTF8.GetString(bytes[..written]).Split('.', 4);
        if (parts.Length != 4
            || parts[0] != "1"
            || parts[1] != ((int)kind).ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || parts[3].Length == 0)
        {
            return false;
        }

        cursor = new AggregateCursor(kind, parts[3], index);
        return true;
    }
}
