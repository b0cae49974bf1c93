namespace McpActors.Core.Servers.Catalogue;

/// <summary>A list's entries as one JSON array, for the journal.</summary>
internal static class ListJson
{
    internal static byte[] Join(IReadOnlyList<ListItem> items)
    {
        var length = 2 + Math.Max(0, items.Count - 1) + items.Sum(item => item.Json.Length);
        var bytes = new byte[length];
        bytes[0] = (byte)'[';
        var at = 1;
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                bytes[at++] = (byte)',';
            }

            items[i].Json.Span.CopyTo(bytes.AsSpan(at));
            at += items[i].Json.Length;
        }

        bytes[at] = (byte)']';
        return bytes;
    }

    internal static IReadOnlyList<ListItem> Split(ReadOnlySpan<byte> array, ListKind kind)
    {
        // Read as a page, so that there is one reader of entries.
        var name = kind.ArrayName();
        var result = new byte[array.Length + name.Length + 5];
        "{\""u8.CopyTo(result);
        name.CopyTo(result.AsSpan(2));
        "\":"u8.CopyTo(result.AsSpan(2 + name.Length));
        array.CopyTo(result.AsSpan(4 + name.Length));
        result[^1] = (byte)'}';
        return ListPage.Read(result, kind).Items;
    }
}
