using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using McpActors.Core.Protocol.Headers;

namespace McpActors.Core.Servers.Catalogue;

/// <summary>Reads from tool definitions what steers calls: annotations and the arguments that travel as headers.</summary>
internal static class ToolFactsReader
{
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
        var headers = root.TryGetProperty("inputSchema", out var schema) ? HeaderSchema.Read(schema) : HeaderSchema.None;
        return new ToolFacts(tool.Name, Hash(tool.Json.Span), headers.Parameters, Annotations(root)) { HeaderFault = headers.Fault };
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
}
