using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Protocol.Headers;

/// <summary>A rule for <c>x-mcp-header</c> that a tool's schema breaks.</summary>
public enum HeaderSchemaRule
{
    /// <summary>The annotation is no text, or its text no token of RFC 9110.</summary>
    NotAToken,

    /// <summary>Two annotations differ in case at most.</summary>
    NotUnique,

    /// <summary>The annotated property is no <c>string</c>, <c>integer</c> or <c>boolean</c>; each may also be null.</summary>
    WrongType,

    /// <summary>The annotation is not on a property that is reached through <c>properties</c> alone.</summary>
    Unreachable,

    /// <summary>The schema is nested deeper than is looked at, or is no readable JSON.</summary>
    Unreadable,
}

/// <summary>Where a schema breaks a rule.</summary>
/// <param name="Rule">Which rule.</param>
/// <param name="Path">Keys of the schema from its root, after slashes; a server's own words, to be logged with care.</param>
public sealed record HeaderSchemaFault(HeaderSchemaRule Rule, string Path);

/// <summary>
/// What a tool's <c>inputSchema</c> says of headers. One bad annotation makes the whole tool invalid: a client must hide it, for it
/// could not call it the way the server expects.
/// </summary>
/// <param name="Parameters">Arguments that travel as headers too, in the schema's order; empty when there is a fault.</param>
/// <param name="Fault">Why the tool is invalid; null when it is not.</param>
public sealed record HeaderSchema(IReadOnlyList<HeaderParameter> Parameters, HeaderSchemaFault? Fault)
{
    /// <summary>No annotations.</summary>
    public static HeaderSchema None { get; } = new([], null);

    /// <summary>Reads a schema.</summary>
    /// <param name="inputSchema">The value of <c>inputSchema</c>.</param>
    public static HeaderSchema Read(ReadOnlyMemory<byte> inputSchema)
    {
        if (!MayHaveAnnotations(inputSchema.Span))
        {
            return None;
        }

        try
        {
            using var document = JsonDocument.Parse(inputSchema, new JsonDocumentOptions { MaxDepth = HeaderSchemaWalk.MostDepth });
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return new HeaderSchema([], new HeaderSchemaFault(HeaderSchemaRule.Unreadable, ""));
        }
    }

    /// <summary>Reads a schema.</summary>
    /// <param name="inputSchema">The value of <c>inputSchema</c>.</param>
    public static HeaderSchema Read(JsonElement inputSchema)
    {
        if (!MayHaveAnnotations(JsonMarshal.GetRawUtf8Value(inputSchema)))
        {
            return None;
        }

        var walk = new HeaderSchemaWalk();
        try
        {
            return walk.Visit(inputSchema, [], "", reachable: true) is { } fault
                ? new HeaderSchema([], fault)
                : new HeaderSchema(walk.Found, null);
        }
        catch (InvalidOperationException)
        {
            // A name with half a surrogate pair has no text.
            return new HeaderSchema([], new HeaderSchemaFault(HeaderSchemaRule.Unreadable, ""));
        }
    }

    // Few tools have any; an escape might hide one.
    private static bool MayHaveAnnotations(ReadOnlySpan<byte> json) =>
        json.IndexOf(HeaderSchemaWalk.Annotation) >= 0 || json.IndexOf("\\u"u8) >= 0;
}

/// <summary>One walk over all places of a schema where a schema may be.</summary>
internal sealed class HeaderSchemaWalk
{
    internal const int MostDepth = 128;
    private static readonly SearchValues<char> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    internal static ReadOnlySpan<byte> Annotation => "x-mcp-header"u8;

    internal List<HeaderParameter> Found { get; } = [];

    /// <summary>Visits a schema and what is below it.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="path">The properties that lead to it.</param>
    /// <param name="shown">All keys that lead to it.</param>
    /// <param name="reachable">Whether these are properties only.</param>
    internal HeaderSchemaFault? Visit(JsonElement schema, string[] path, string shown, bool reachable)
    {
        if (schema.ValueKind == JsonValueKind.Array)
        {
            return VisitEach(schema, path, shown);
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (schema.TryGetProperty(Annotation, out var annotation)
            && (reachable && path.Length > 0 ? Add(annotation, schema, path) : HeaderSchemaRule.Unreachable) is { } rule)
        {
            return new HeaderSchemaFault(rule, shown);
        }

        foreach (var member in schema.EnumerateObject())
        {
            var below = $"{shown}/{member.Name}";
            var fault = member.Name switch
            {
                "properties" => VisitMembers(member.Value, path, below, reachable),
                "$defs" or "definitions" or "patternProperties" or "dependentSchemas" or "dependencies" =>
                    VisitMembers(member.Value, path, below, reachable: false),
                "items" or "prefixItems" or "additionalItems" or "unevaluatedItems" or "contains"
                    or "additionalProperties" or "unevaluatedProperties" or "propertyNames"
                    or "allOf" or "anyOf" or "oneOf" or "not" or "if" or "then" or "else" or "contentSchema" =>
                    Visit(member.Value, path, below, reachable: false),
                _ => null,
            };
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    private HeaderSchemaFault? VisitEach(JsonElement schemas, string[] path, string shown)
    {
        foreach (var schema in schemas.EnumerateArray())
        {
            if (Visit(schema, path, shown, reachable: false) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private HeaderSchemaFault? VisitMembers(JsonElement schemas, string[] path, string shown, bool reachable)
    {
        if (schemas.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in schemas.EnumerateObject())
        {
            if (Visit(member.Value, [.. path, member.Name], $"{shown}/{member.Name}", reachable) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private HeaderSchemaRule? Add(JsonElement annotation, JsonElement schema, string[] path)
    {
        if (annotation.ValueKind != JsonValueKind.String || annotation.GetString() is not { Length: > 0 } header
            || header.AsSpan().ContainsAnyExcept(Token))
        {
            return HeaderSchemaRule.NotAToken;
        }

        var type = schema.TryGetProperty("type"u8, out var declared) ? TypeOf(declared) : null;
        if (type is not ("string" or "integer" or "boolean"))
        {
            return HeaderSchemaRule.WrongType;
        }

        Found.Add(new HeaderParameter(path, header, type));
        return _names.Add(header) ? null : HeaderSchemaRule.NotUnique;
    }

    // "string", or what generators write for an optional one: ["string", "null"].
    private static string? TypeOf(JsonElement declared)
    {
        if (declared.ValueKind != JsonValueKind.Array)
        {
            return declared.ValueKind == JsonValueKind.String ? declared.GetString() : null;
        }

        string? only = null;
        foreach (var option in declared.EnumerateArray())
        {
            if (option.ValueKind != JsonValueKind.String || (!option.ValueEquals("null"u8) && only is not null))
            {
                return null;
            }

            only = option.ValueEquals("null"u8) ? only : option.GetString();
        }

        return only;
    }
}
