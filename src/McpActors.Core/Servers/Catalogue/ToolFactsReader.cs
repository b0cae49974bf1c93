using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;

namespace McpActors.Core.Servers.Catalogue;

/// <summary>Reads from tool definitions what steers calls: annotations and the arguments that travel as headers.</summary>
internal static class ToolFactsReader
{
    private const int MostDepth = 32;
    private const long LargestExactInteger = (1L << 53) - 1;

    /// <summary>Facts about every tool, by name. Of two tools with one name the first counts.</summary>
    internal static FrozenDictionary<string, ToolFacts> Index(IReadOnlyList<ListItem> tools)
    {
        var index = new Dictionary<string, ToolFacts>(tools.Count, StringComparer.Ordinal);
        foreach (var tool in tools)
        {
            index.TryAdd(tool.Name, Read(tool));
        }

        return index.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Facts about one tool.</summary>
    internal static ToolFacts Read(ListItem tool)
    {
        using var document = JsonDocument.Parse(tool.Json);
        var root = document.RootElement;
        var headers = new List<HeaderParameter>();
        if (root.TryGetProperty("inputSchema", out var schema))
        {
            Collect(schema, [], headers, MostDepth);
        }

        var unique = headers.DistinctBy(header => header.Header, StringComparer.OrdinalIgnoreCase).Count() == headers.Count;
        return new ToolFacts(tool.Name, Hash(tool.Json.Span), unique ? headers : [], Annotations(root));
    }

    /// <summary>The hash of a definition as the upstream wrote it: it may change without a meaning, never the reverse.</summary>
    internal static string Hash(ReadOnlySpan<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json));

    /// <summary>The hash over all entries in their order.</summary>
    internal static string Hash(IReadOnlyList<ListItem> items)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in items)
        {
            hash.AppendData(SHA256.HashData(item.Json.Span));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static ToolAnnotations Annotations(JsonElement tool) =>
        tool.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object
            ? new ToolAnnotations(IsTrue(annotations, "readOnlyHint"), IsTrue(annotations, "idempotentHint"))
            : default;

    private static bool IsTrue(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static void Collect(JsonElement schema, IReadOnlyList<string> path, List<HeaderParameter> headers, int depth)
    {
        // Only through `properties`: what a reference or a combination leads to is not certain to be there.
        if (depth == 0 || schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in properties.EnumerateObject())
        {
            string[] inner = [.. path, property.Name];
            if (HeaderOf(property.Value) is { } header)
            {
                headers.Add(new HeaderParameter(inner, header, property.Value.GetProperty("type").GetString()!));
            }

            Collect(property.Value, inner, headers, depth - 1);
        }
    }

    private static string? HeaderOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("x-mcp-header", out var value) || value.ValueKind != JsonValueKind.String
            || !schema.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var header = value.GetString()!;
        return type.GetString() is "string" or "integer" or "boolean" && IsToken(header) && IsExact(schema) ? header : null;
    }

    private static bool IsToken(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));

    private static bool IsExact(JsonElement schema) =>
        !(schema.TryGetProperty("maximum", out var most) && most.ValueKind == JsonValueKind.Number && most.TryGetDouble(out var value)
            && value > LargestExactInteger);
}
