using System.Text.Json;
using McpActors.Core.Servers.Cache;

namespace McpActors.Core.Servers.Catalogue;

/// <summary>One page of a list as an upstream answered it.</summary>
/// <param name="Items">Its entries.</param>
/// <param name="NextCursor">Where the next page starts; null on the last.</param>
/// <param name="Ttl">How long the upstream says the list is fresh; null when it says nothing.</param>
/// <param name="Scope">Who may be given it; private unless the upstream says otherwise.</param>
public sealed record ListPage(IReadOnlyList<ListItem> Items, string? NextCursor, TimeSpan? Ttl, CacheScope Scope)
{
    /// <summary>Reads the <c>result</c> value of a list request. Entries without a name are left out: nobody could call them.</summary>
    /// <exception cref="JsonException">It is no such result.</exception>
    public static ListPage Read(ReadOnlySpan<byte> result, ListKind kind)
    {
        var reader = new Utf8JsonReader(result);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a list's result must be an object");
        }

        var items = new List<ListItem>();
        var found = false;
        string? cursor = null;
        TimeSpan? ttl = null;
        var scope = CacheScope.Private;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(kind.ArrayName()))
            {
                found = true;
                ReadItems(ref reader, result, kind, items);
            }
            else if (reader.ValueTextEquals("nextCursor"u8))
            {
                reader.Read();
                cursor = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
            else if (reader.ValueTextEquals("ttlMs"u8))
            {
                reader.Read();
                ttl = ReadTtl(ref reader);
            }
            else if (reader.ValueTextEquals("cacheScope"u8))
            {
                reader.Read();
                scope = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("public"u8) ? CacheScope.Public : CacheScope.Private;
            }
            else
            {
                reader.Read();
            }

            // Scalars are behind us; a container that was not wanted is skipped whole.
            reader.Skip();
        }

        return found ? new ListPage(items, cursor, ttl, scope) : throw new JsonException($"a result of {kind} lacks its list");
    }

    private static TimeSpan? ReadTtl(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var milliseconds))
        {
            return TimeSpan.Zero;
        }

        // Absurd values are cut, negative ones mean stale at once.
        return TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, TimeSpan.FromDays(30).TotalMilliseconds));
    }

    private static void ReadItems(ref Utf8JsonReader reader, ReadOnlySpan<byte> result, ListKind kind, List<ListItem> items)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"the list in a result of {kind} must be an array");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException($"an entry in a result of {kind} must be an object");
            }

            var start = (int)reader.TokenStartIndex;
            var name = ReadName(ref reader, kind);
            if (name is { Length: > 0 })
            {
                items.Add(new ListItem(name, result[start..(int)reader.BytesConsumed].ToArray()));
            }
        }
    }

    private static string? ReadName(ref Utf8JsonReader reader, ListKind kind)
    {
        string? name = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals(kind.NameMember());
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
            {
                name = reader.GetString();
            }

            reader.Skip();
        }

        return name;
    }
}

/// <summary>What each kind of list is called on the wire.</summary>
public static class ListKindNames
{
    /// <summary>The method that asks for it.</summary>
    public static string Method(this ListKind kind) => kind switch
    {
        ListKind.Tools => "tools/list",
        ListKind.Prompts => "prompts/list",
        ListKind.Resources => "resources/list",
        ListKind.ResourceTemplates => "resources/templates/list",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The member of the result that holds its entries.</summary>
    public static ReadOnlySpan<byte> ArrayName(this ListKind kind) => kind switch
    {
        ListKind.Tools => "tools"u8,
        ListKind.Prompts => "prompts"u8,
        ListKind.Resources => "resources"u8,
        ListKind.ResourceTemplates => "resourceTemplates"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The member of an entry that names it.</summary>
    public static ReadOnlySpan<byte> NameMember(this ListKind kind) => kind switch
    {
        ListKind.Tools or ListKind.Prompts => "name"u8,
        ListKind.Resources => "uri"u8,
        ListKind.ResourceTemplates => "uriTemplate"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The capability that a server with this list declares.</summary>
    public static ReadOnlySpan<byte> Capability(this ListKind kind) => kind switch
    {
        ListKind.Tools => "tools"u8,
        ListKind.Prompts => "prompts"u8,
        _ => "resources"u8,
    };

    /// <summary>What cached answers of this list are invalidated as.</summary>
    public static CacheKind CacheKind(this ListKind kind) => kind switch
    {
        ListKind.Tools => Cache.CacheKind.ToolsList,
        ListKind.Prompts => Cache.CacheKind.PromptsList,
        ListKind.Resources => Cache.CacheKind.ResourcesList,
        ListKind.ResourceTemplates => Cache.CacheKind.ResourceTemplatesList,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Whether a set has this kind.</summary>
    public static bool Has(this ListKinds kinds, ListKind kind) => (kinds & (ListKinds)(1 << (int)kind)) != 0;

    /// <summary>This kind as a set.</summary>
    public static ListKinds AsSet(this ListKind kind) => (ListKinds)(1 << (int)kind);
}
