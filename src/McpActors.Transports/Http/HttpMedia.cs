using System.Net.Http.Headers;
using McpActors.Core.Protocol.Headers;

namespace McpActors.Transports.Http;

/// <summary>What the body of an answer is.</summary>
internal enum Media
{
    /// <summary>Nothing that MCP knows, or something compressed that nobody asked for.</summary>
    None,

    /// <summary>One message.</summary>
    Json,

    /// <summary>A stream of messages.</summary>
    EventStream,
}

/// <summary>Reads the media type of an answer without making objects of it.</summary>
internal static class HttpMedia
{
    /// <summary>What the body is.</summary>
    public static Media Of(HttpResponseMessage response)
    {
        var headers = response.Content.Headers.NonValidated;
        if (!headers.TryGetValues("Content-Type", out var types) || IsEncoded(headers))
        {
            return Media.None;
        }

        var type = types.ToString().AsSpan().TrimStart();
        return Is(type, McpHeaders.Json) ? Media.Json : Is(type, McpHeaders.EventStream) ? Media.EventStream : Media.None;
    }

    /// <summary>Servers on the official C# SDK say <c>identity</c>, so that no proxy compresses their streams.</summary>
    private static bool IsEncoded(HttpHeadersNonValidated headers)
        => headers.TryGetValues("Content-Encoding", out var encodings) && !encodings.ToString().AsSpan().Trim().Equals("identity", StringComparison.OrdinalIgnoreCase);

    private static bool Is(ReadOnlySpan<char> value, string media)
        => value.StartsWith(media, StringComparison.OrdinalIgnoreCase) && (value.Length == media.Length || value[media.Length] is ';' or ' ' or '\t');
}
