using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Transports.Http;

/// <summary>
/// What the revision and the session put into the headers of every message. Immutable: the handshake replaces it as it learns.
/// </summary>
/// <param name="Url">The endpoint.</param>
/// <param name="Configured">Headers the operator configured.</param>
/// <param name="Revision">The revision spoken; null during a legacy handshake.</param>
/// <param name="SessionId">The legacy session, if the server opened one.</param>
internal sealed record HttpDialect(Uri Url, IReadOnlyDictionary<string, string> Configured, ProtocolRevision? Revision, string? SessionId)
{
    private const string AcceptBoth = McpHeaders.Json + ", " + McpHeaders.EventStream;

    private static readonly Version Http2 = System.Net.HttpVersion.Version20;

    /// <summary>Whether a request is cancelled by telling the server, rather than by closing its stream.</summary>
    public bool CancelsByMessage => Revision is { DisconnectCancels: false };

    /// <summary>Whether there are sessions, which can be lost, and with them a stream of the server's own.</summary>
    public bool HasSessions => Revision is { IsLegacy: true };

    /// <summary>Whether a broken stream can be read on from its last event.</summary>
    public bool CanResume => Revision is { HasResumption: true };

    /// <summary>A POST of a request.</summary>
    public HttpRequestMessage Post(UpstreamRequest request, HttpContent content)
    {
        var message = Post(content);
        if (Revision is { NeedsMethodHeaders: true })
        {
            message.Headers.TryAddWithoutValidation(McpHeaders.Method, request.MethodName);
            if (request.Name is { } name)
            {
                message.Headers.TryAddWithoutValidation(McpHeaders.Name, HeaderText.Encode(name));
            }

            foreach (var (header, value) in request.ParamHeaders ?? [])
            {
                message.Headers.TryAddWithoutValidation(header, value);
            }
        }

        return message;
    }

    /// <summary>A POST of any other message.</summary>
    public HttpRequestMessage Post(HttpContent content)
    {
        var message = Create(HttpMethod.Post, AcceptBoth);
        message.Content = content;
        return message;
    }

    /// <summary>The GET that opens the server's stream, or resumes a stream after the named event.</summary>
    public HttpRequestMessage OpenStream(string? lastEventId)
    {
        var message = Create(HttpMethod.Get, McpHeaders.EventStream);
        if (lastEventId is not null)
        {
            message.Headers.TryAddWithoutValidation(McpHeaders.LastEventId, lastEventId);
        }

        return message;
    }

    /// <summary>The DELETE that ends the session.</summary>
    public HttpRequestMessage EndSession() => Create(HttpMethod.Delete, AcceptBoth);

    private HttpRequestMessage Create(HttpMethod method, string accept)
    {
        var message = new HttpRequestMessage(method, Url) { Version = Http2, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        message.Headers.TryAddWithoutValidation("Accept", accept);
        foreach (var (name, value) in Configured)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (Revision is { NeedsVersionHeader: true } revision)
        {
            message.Headers.TryAddWithoutValidation(McpHeaders.ProtocolVersion, revision.Text);
        }

        if (SessionId is not null)
        {
            message.Headers.TryAddWithoutValidation(McpHeaders.SessionId, SessionId);
        }

        return message;
    }
}
