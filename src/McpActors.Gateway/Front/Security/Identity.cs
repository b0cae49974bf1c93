using McpActors.Core.Security.Keys;

namespace McpActors.Gateway.Front.Security;

/// <summary>Who sent a request, once that is known.</summary>
/// <param name="Id">A name that stays the same from request to request; no secret.</param>
/// <param name="Scopes">What it may do.</param>
public sealed record Identity(string Id, KeyScopes Scopes);

/// <summary>Carries the <see cref="Identity"/> with its request.</summary>
public static class Identities
{
    /// <summary>Notes who sent the request.</summary>
    public static void SetIdentity(this HttpContext context, Identity identity)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Features.Set(identity);
    }

    /// <summary>Who sent the request; null while nobody is asked.</summary>
    public static string? Principal(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<Identity>()?.Id;
    }
}
