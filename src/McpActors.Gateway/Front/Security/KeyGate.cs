using System.Diagnostics.CodeAnalysis;
using McpActors.Cluster.Security;
using McpActors.Core.Configuration;
using McpActors.Core.Security.Keys;
using McpActors.Gateway.Cli;
using Microsoft.Extensions.Primitives;

namespace McpActors.Gateway.Front.Security;

/// <summary>
/// Lets only holders of a key pass, and only to what its scopes allow. Stands behind routing and before every endpoint; what no route claims needs a
/// key too, so that nobody learns without one what there is.
/// </summary>
internal sealed class KeyGate(RequestDelegate next, IKeys keys, TimeProvider time, AuthOptions auth, Func<HttpContext, Permission> needed)
{
    private const string Scheme = "Bearer ";
    private const string Challenge = "Bearer realm=\"mcpactors\"";

    private static readonly TimeSpan NotKnownTime = TimeSpan.FromSeconds(1);

    private static readonly Identity Bootstrap = new("bootstrap", KeyScopes.All);

    private readonly KeyHash? _bootstrap = auth.BootstrapKey is { } text ? KeyHash.Of(text) : null;

    /// <summary>Passes the request on, or answers 401 or 403.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var permission = needed(context);
        if (permission == Permission.None)
            return next(context);
        var header = context.Request.Headers.Authorization;
        if (header.Count == 0)
            return RefuseAsync(context, 401, Challenge, "keyMissing", "Send an API key: Authorization: Bearer mcpa_…; 'mcpactors keys create' makes one.");
        var text = TextOf(header);
        // Asked first: they may come in between.
        var wereKnown = keys.AreKnown;
        if (!TryIdentify(text, out var identity, out var key))
        {
            // A client that hears 401 may throw its key away.
            if (!wereKnown && KeyText.IsWellFormed(text))
                return ProblemWriter.WriteAsync(context.Response, new Problem(503, "keysNotKnown", "This node has not heard of the keys yet; try again.", NotKnownTime));
            return RefuseAsync(context, 401, $"{Challenge}, error=\"invalid_token\"", "keyInvalid", "This API key is unknown, revoked or expired.");
        }

        var scope = ScopeOf(permission);
        if ((identity.Scopes & scope) == 0)
        {
            var name = scope.ToString().ToLowerInvariant();
            return RefuseAsync(
                context, 403, $"{Challenge}, error=\"insufficient_scope\", scope=\"{name}\"", "scopeMissing", $"This API key lacks the scope '{name}' that {context.Request.Method} {context.Request.Path} needs.");
        }

        context.SetIdentity(identity);
        return key is not null && HttpMethods.IsGet(context.Request.Method) ? StreamAsync(context, key) : next(context);
    }

    /// <summary>What may go on for hours ends with its key, be that revoked or expired.</summary>
    private async Task StreamAsync(HttpContext context, ApiKey key)
    {
        await using var revoked = keys.EndOf(key).Register(static state => ((HttpContext)state!).Abort(), context);
        await using var expired = key.ExpiresAt is { } end ? new KeyExpiry(end, context, time) : null;
        await next(context);
    }

    /// <summary>What the front's paths need: its probes are open, everything else calls servers.</summary>
    public static Permission OfFront(HttpContext context) =>
        context.GetEndpoint() is not null && context.Request.Path.StartsWithSegments("/healthz") ? Permission.None : Permission.Call;

    /// <summary>What the management listener's routes need, as their table says; what is not in it needs reading.</summary>
    public static Permission OfManagement(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>()?.Permission ?? Permission.Read;

    private static ReadOnlySpan<char> TextOf(StringValues header) =>
        header is [{ } only] && only.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? only.AsSpan(Scheme.Length).Trim() : default;

    private bool TryIdentify(ReadOnlySpan<char> text, [NotNullWhen(true)] out Identity? identity, out ApiKey? key)
    {
        (identity, key) = (null, null);
        if (!KeyText.IsWellFormed(text))
            return false;
        if (_bootstrap is { } bootstrap && bootstrap.Matches(KeyHash.Of(text)))
            identity = Bootstrap;
        else if ((key = keys.Find(text)) is not null)
            identity = new Identity(key.Id, key.Scopes);
        return identity is not null;
    }

    private static KeyScopes ScopeOf(Permission permission) => permission switch
    {
        Permission.Read => KeyScopes.Read,
        Permission.Call => KeyScopes.Call,
        Permission.Operate => KeyScopes.Operate,
        _ => KeyScopes.None, // a permission that nobody has heard of is one that no key has
    };

    private static Task RefuseAsync(HttpContext context, int status, string challenge, string code, string detail)
    {
        context.Response.Headers.WWWAuthenticate = challenge;
        return ProblemWriter.WriteAsync(context.Response, new Problem(status, code, detail));
    }
}
