using System.Text.Json;
using McpActors.Cluster.Security;
using McpActors.Core.Configuration.Settings;
using McpActors.Core.Security.Keys;
using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Management;

/// <summary>A key as lists show it.</summary>
internal sealed record KeyView(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt);

/// <summary>A page of keys; <see cref="Next"/> goes into <c>?after=</c>.</summary>
internal sealed record KeyPage(IReadOnlyList<KeyView> Keys, string? Next);

/// <summary>A key that is wanted: its name, its scopes (<c>read</c>, <c>call</c>, <c>operate</c>) and, if it is to end by itself, after which time (<c>90d</c>).</summary>
internal sealed record KeyOrder(string? Name, IReadOnlyList<string>? Scopes, string? Ttl);

/// <summary>A key that was just made. <see cref="Key"/> is shown here and never again.</summary>
internal sealed record NewKeyView(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt, string Key);

/// <summary>API keys as the management listener lists, makes and revokes them.</summary>
internal sealed class KeyEndpoints(IKeys keys)
{
    private const int LongestName = 64;
    private static readonly KeyScopes[] Single = [KeyScopes.Read, KeyScopes.Call, KeyScopes.Operate];

    /// <summary>A page of keys in the order of their ids.</summary>
    public Task<IResult> ListAsync(HttpContext context)
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return Task.FromResult(fault);
        var after = context.Request.Query["after"].ToString();
        KeyView[] page = [.. keys.All.Where(key => string.CompareOrdinal(key.Id, after) > 0).Take(limit + 1).Select(View)];
        var more = page.Length > limit;
        return Task.FromResult(Answers.Json(new KeyPage(more ? page[..limit] : page, more ? page[limit - 1].Id : null)));
    }

    /// <summary>Makes a key.</summary>
    public async Task<IResult> CreateAsync(HttpContext context)
    {
        KeyOrder? order;
        try
        {
            order = await JsonSerializer.DeserializeAsync<KeyOrder>(context.Request.Body, ManagementJson.Options, context.RequestAborted);
        }
        catch (JsonException fault)
        {
            return Bad("badBody", $"Expected {{\"name\": text, \"scopes\": [\"read\", \"call\"], \"ttl\": \"90d\"}}: {fault.Message}");
        }

        if (order?.Name is not { Length: > 0 and <= LongestName } name || name.Any(char.IsControl))
            return Bad("badName", $"'name' says who uses the key: 1 to {LongestName} characters.");
        if (!TryScopes(order.Scopes, out var scopes))
            return Bad("badScopes", "'scopes' must be a list of read, call and operate, not empty.");
        TimeSpan? ttl = null;
        if (order.Ttl is { } text)
        {
            if (!UnitText.TryParseDuration(text, out var parsed) || parsed <= TimeSpan.Zero)
                return Bad("badTtl", $"'ttl' must be a duration such as 12h or 90d; found '{text}'.");
            ttl = parsed;
        }

        var who = context.Principal() ?? context.Connection.RemoteIpAddress?.ToString() ?? "local";
        return await keys.CreateAsync(new NewKey(name, scopes, ttl, who), context.RequestAborted) switch
        {
            KeyChange.Created made => Answers.Json(new NewKeyView(made.Key.Id, made.Key.Name, Words(made.Key.Scopes), made.Key.ExpiresAt, made.Text), StatusCodes.Status201Created),
            KeyChange.Refused refused => NotStored(refused),
            var other => throw new InvalidOperationException($"unexpected {other.GetType().Name}"),
        };
    }

    /// <summary>Ends a key.</summary>
    public async Task<IResult> RevokeAsync(HttpContext context)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        return await keys.RevokeAsync(id, context.Principal() ?? "local", context.RequestAborted) switch
        {
            KeyChange.Revoked => Answers.Json(new OrderView(id, "revoked")),
            KeyChange.Missing => Answers.Refuse(StatusCodes.Status404NotFound, "unknownKey", $"There is no key '{id}'. GET /api/v1/keys lists them."),
            KeyChange.Refused refused => NotStored(refused),
            var other => throw new InvalidOperationException($"unexpected {other.GetType().Name}"),
        };
    }

    private static IResult Bad(string code, string detail) => Answers.Refuse(StatusCodes.Status400BadRequest, code, detail);

    private static IResult NotStored(KeyChange.Refused refused) => Answers.Refuse(StatusCodes.Status503ServiceUnavailable, "notStored", refused.Reason);

    private static bool TryScopes(IReadOnlyList<string>? words, out KeyScopes scopes)
    {
        scopes = KeyScopes.None;
        foreach (var word in words ?? [])
        {
            var scope = Single.FirstOrDefault(single => Views.Word(single) == word);
            if (scope == KeyScopes.None)
                return false;
            scopes |= scope;
        }

        return scopes != KeyScopes.None;
    }

    private static string[] Words(KeyScopes scopes) => [.. Single.Where(single => scopes.HasFlag(single)).Select(Views.Word)];

    private static KeyView View(ApiKey key) => new(key.Id, key.Name, Words(key.Scopes), key.CreatedAt, key.CreatedBy, key.ExpiresAt);
}
