using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using McpActors.Core.Servers.Calls;

namespace McpActors.Transports.Http;

/// <summary>Classifies what goes wrong over HTTP. No text of the server gets into a message: it may hold what must not be logged.</summary>
internal static class HttpFailures
{
    /// <summary>No answer came.</summary>
    /// <param name="fault">What the HTTP stack threw; not the caller's own cancellation.</param>
    /// <param name="sent">Whether any of the body was written.</param>
    public static UpstreamException NoAnswer(Exception fault, bool sent)
    {
        var (result, what) = fault switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => (AttemptResult.ConnectFailed, "the host name cannot be resolved"),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => (AttemptResult.ConnectFailed, "the connection was refused or cannot be made"),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => (AttemptResult.ConnectFailed, "the TLS handshake failed"),
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => (AttemptResult.ConnectFailed, "the proxy refused"),
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded }
                => (AttemptResult.Malformed, "the answer is no valid HTTP"),

            // The only time limit the handler has is that of connecting.
            OperationCanceledException { InnerException: TimeoutException } => (AttemptResult.ConnectFailed, "the connection took too long to open"),
            _ when !sent => (AttemptResult.ConnectFailed, "the connection was lost before anything was sent"),
            _ => (AttemptResult.Reset, "the connection was lost before an answer came"),
        };

        // What failed to connect cannot have sent anything, whatever the content was told.
        return new UpstreamException(result, what, fault) { Sent = sent && result != AttemptResult.ConnectFailed };
    }

    /// <summary>The answer broke off.</summary>
    public static UpstreamException BrokenOff(Exception? fault, bool firstByte)
    {
        var truncated = fault is null or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded };
        return truncated
            ? new UpstreamException(AttemptResult.Malformed, "the answer was cut off before its end", fault) { Sent = true, FirstByte = firstByte }
            : new UpstreamException(AttemptResult.Reset, "the connection was lost in the middle of the answer", fault) { Sent = true, FirstByte = firstByte };
    }

    /// <summary>The answer is no answer to this request.</summary>
    public static UpstreamException Malformed(string what, Exception? fault = null)
        => new(AttemptResult.Malformed, what, fault) { Sent = true, FirstByte = true };

    /// <summary>The answer is above the limit.</summary>
    public static UpstreamException TooLarge(long limit)
        => new(AttemptResult.TooLarge, string.Create(CultureInfo.InvariantCulture, $"the answer is larger than {limit} bytes (limits.result)"))
        {
            Sent = true,
            FirstByte = true,
        };

    /// <summary>The server does not know the session.</summary>
    public static UpstreamException SessionLost(HttpStatusCode status)
        => new(AttemptResult.SessionLost, "the server no longer knows our session") { Sent = true, StatusCode = (int)status };

    /// <summary>A status that is no success, without a JSON-RPC answer in its body.</summary>
    public static UpstreamException Status(HttpResponseMessage response, TimeProvider time)
    {
        var code = (int)response.StatusCode;
        var result = code switch
        {
            401 or 403 => AttemptResult.AuthRejected,
            429 => AttemptResult.Throttled,
            >= 500 => AttemptResult.ServerError,
            _ => AttemptResult.ProtocolError,
        };
        var what = code switch
        {
            401 or 403 => "the server rejects the credentials configured for it",
            >= 300 and < 400 => "the server redirects; redirects are not followed, configure the final address",
            _ => "the server refuses",
        };
        return new UpstreamException(result, string.Create(CultureInfo.InvariantCulture, $"{what} (HTTP {code})"))
        {
            Sent = true,
            StatusCode = code,
            RetryAfter = RetryAfter(response.Headers.RetryAfter, time),
        };
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, TimeProvider time)
    {
        if (header?.Delta is { } delta)
        {
            return delta;
        }

        return header?.Date is { } date ? TimeSpan.FromTicks(Math.Max(0, (date - time.GetUtcNow()).Ticks)) : null;
    }
}
