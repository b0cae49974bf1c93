using System.Buffers;

namespace McpActors.Gateway.Front.Security;

/// <summary>Request targets that different parsers read differently, and that are therefore refused before routing.</summary>
internal static class RequestShape
{
    private static readonly SearchValues<char> Suspicious = SearchValues.Create("%\\.");

    /// <summary>
    /// Whether the path of a raw target holds an encoded dot, slash, backslash, percent or NUL, a plain backslash or a dot segment.
    /// The query is not looked at: it never routes.
    /// </summary>
    public static bool IsAmbiguous(ReadOnlySpan<char> rawTarget)
    {
        var query = rawTarget.IndexOf('?');
        var path = query < 0 ? rawTarget : rawTarget[..query];
        while (true)
        {
            var at = path.IndexOfAny(Suspicious);
            if (at < 0)
                return false;
            if (path[at] == '\\' || (path[at] == '%' && IsRefusedEscape(path[at..])) || (path[at] == '.' && IsDotSegment(path, at)))
                return true;
            path = path[(at + 1)..];
        }
    }

    private static bool IsRefusedEscape(ReadOnlySpan<char> escape) =>
        escape.Length < 3
        || (escape[1], (char)(escape[2] | 0x20)) is ('2', 'e') or ('2', 'f') or ('5', 'c') or ('2', '5') or ('0', '0');

    /// <summary>A dot that begins a segment and is followed by nothing but at most one more dot.</summary>
    private static bool IsDotSegment(ReadOnlySpan<char> path, int at)
    {
        // A slice that begins inside a segment never matches: the first dot of ".." is found before the second.
        if (at == 0 || path[at - 1] != '/')
            return false;
        var rest = path[(at + 1)..];
        if (!rest.IsEmpty && rest[0] == '.')
            rest = rest[1..];
        return rest.IsEmpty || rest[0] == '/';
    }
}
