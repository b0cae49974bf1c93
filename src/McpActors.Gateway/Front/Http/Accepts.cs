using Microsoft.Extensions.Primitives;

namespace McpActors.Gateway.Front.Http;

/// <summary>What a caller takes and sends, by its <c>Accept</c> and <c>Content-Type</c> headers. Reads without allocating.</summary>
internal static class Accepts
{
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream";

    /// <summary>Whether both shapes of an answer are taken: the protocol leaves the choice to the server.</summary>
    public static bool JsonAndEvents(StringValues accept) => Names(accept, Json) && Names(accept, EventStream);

    /// <summary>Whether an event stream is taken.</summary>
    public static bool Events(StringValues accept) => Names(accept, EventStream);

    /// <summary>Whether the body is said to be JSON. Anything that a page can send without asking first is not.</summary>
    public static bool IsJson(string? contentType)
    {
        if (contentType is null)
            return false;
        var value = contentType.AsSpan();
        var semicolon = value.IndexOf(';');
        var type = (semicolon < 0 ? value : value[..semicolon]).Trim();
        if (!type.Equals(Json, StringComparison.OrdinalIgnoreCase))
            return false;
        return semicolon < 0 || HasNoForeignCharset(value[(semicolon + 1)..]);
    }

    private static bool HasNoForeignCharset(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            if (parameter.StartsWith("charset=", StringComparison.OrdinalIgnoreCase)
                && !parameter[8..].Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Names(StringValues accept, string type)
    {
        foreach (var line in accept)
        {
            var value = line.AsSpan();
            foreach (var range in value.Split(','))
            {
                if (Matches(value[range].Trim(), type))
                    return true;
            }
        }

        return false;
    }

    private static bool Matches(ReadOnlySpan<char> item, string type)
    {
        var semicolon = item.IndexOf(';');
        if (semicolon >= 0)
        {
            var parameters = item[(semicolon + 1)..].Trim();
            if (parameters.StartsWith("q=0", StringComparison.OrdinalIgnoreCase) && parameters[3..].TrimStart('.').Trim('0').IsEmpty)
                return false;
            item = item[..semicolon].TrimEnd();
        }

        if (item.Equals(type, StringComparison.OrdinalIgnoreCase) || item is "*/*")
            return true;
        return item.EndsWith("/*", StringComparison.Ordinal) && type.AsSpan().StartsWith(item[..^1], StringComparison.OrdinalIgnoreCase);
    }
}
