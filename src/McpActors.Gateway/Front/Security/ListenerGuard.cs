using Microsoft.AspNetCore.Http.Features;

namespace McpActors.Gateway.Front.Security;

/// <summary>
/// The first middleware of every listener: nothing behind it sees a request from a foreign page, with two lengths, or with a target
/// that parsers disagree about.
/// </summary>
public sealed class ListenerGuard(RequestDelegate next, ListenerPolicy policy)
{
    /// <summary>
    /// Where Kestrel leaves a Content-Length that came together with Transfer-Encoding. A client's own header of this name is harmless
    /// without Transfer-Encoding; together with it the two cases look alike, and both are refused.
    /// </summary>
    private const string DisplacedLength = "X-Content-Length";

    /// <summary>Passes the request on, or answers 400 or 403.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var headers = context.Request.Headers;
        if (headers.ContainsKey(DisplacedLength) && headers.TransferEncoding.Count > 0)
            return RefuseAsync(context, 400, "ambiguousLength", "A request carries Content-Length or Transfer-Encoding, not both.");

        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (target is not null && RequestShape.IsAmbiguous(target))
            return RefuseAsync(context, 400, "ambiguousPath", "Dots, slashes, backslashes and percent signs in a path must not be encoded.");

        var host = headers.Host;
        if (host.Count != 1 || !policy.AllowsHost(host[0]))
            return RefuseAsync(context, 403, "hostNotAllowed", "This Host is not allowed here; list it in allowedHosts of this listener.");

        var origin = headers.Origin;
        if (origin.Count != 0 && (origin.Count != 1 || !policy.AllowsOrigin(origin[0]!)))
            return RefuseAsync(context, 403, "originNotAllowed", "This Origin is not allowed here; list it in allowedOrigins of this listener.");

        return next(context);
    }

    private static Task RefuseAsync(HttpContext context, int status, string rule, string detail)
    {
        // The body may not have been read, and with two lengths nobody knows where it ends.
        context.Response.Headers.Connection = "close";
        return ProblemWriter.WriteAsync(context.Response, new Problem(status, rule, detail));
    }
}
