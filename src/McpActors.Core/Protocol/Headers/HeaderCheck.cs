using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Protocol.Headers;

/// <summary>How often a request carries a header, and its value.</summary>
/// <param name="Count">Number of header lines of that name.</param>
/// <param name="Value">The value of the only one; null unless there is exactly one.</param>
public readonly record struct HeaderField(int Count, string? Value);

/// <summary>The headers of a request.</summary>
public interface IRequestHeaders
{
    /// <summary>The header of that name, without regard to case.</summary>
    HeaderField Find(string name);
}

/// <summary>A rule between headers and body that a request breaks.</summary>
public enum HeaderRule
{
    /// <summary>A header that must be there is not.</summary>
    Missing,

    /// <summary>The header is there more than once.</summary>
    Repeated,

    /// <summary>The value holds characters that no header may, or its Base64 or UTF-8 is not exact.</summary>
    Malformed,

    /// <summary>The value is not what the body says.</summary>
    Differs,

    /// <summary>The body has no such argument, or null.</summary>
    Unexpected,
}

/// <summary>Error -32020, HeaderMismatch, of the protocol: which header breaks which rule.</summary>
/// <param name="Header">The header's name.</param>
/// <param name="Rule">The rule.</param>
public readonly record struct HeaderMismatch(string Header, HeaderRule Rule)
{
    /// <summary>For the caller; holds nothing of the values.</summary>
    public string Message => Rule switch
    {
        HeaderRule.Missing => $"Header mismatch: {Header} is missing",
        HeaderRule.Repeated => $"Header mismatch: {Header} is there more than once",
        HeaderRule.Malformed => $"Header mismatch: {Header} is not encoded as it must be",
        HeaderRule.Differs => $"Header mismatch: {Header} differs from the body",
        HeaderRule.Unexpected => $"Header mismatch: {Header} has no counterpart in the body",
        _ => throw new InvalidOperationException($"No such rule: {Rule}"),
    };
}

/// <summary>
/// Whether the headers of a modern request say what its body says. What others on the way have routed or limited by must be what is
/// executed. Null means that they agree.
/// </summary>
public static class HeaderCheck
{
    /// <summary>
    /// Checks version, method and name. The protocol has no such rules for notifications, so they pass; and a version or name that the
    /// body lacks is for the check of the body to refuse.
    /// </summary>
    /// <param name="headers">The headers.</param>
    /// <param name="envelope">What was found in the body.</param>
    /// <param name="body">The body.</param>
    public static HeaderMismatch? Envelope<THeaders>(THeaders headers, JsonRpcEnvelope envelope, in ReadOnlySequence<byte> body)
        where THeaders : IRequestHeaders
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (envelope.Kind != JsonRpcKind.Request)
        {
            return null;
        }

        return Plain(headers, McpHeaders.ProtocolVersion, body, envelope.Meta.ProtocolVersion)
            ?? Plain(headers, McpHeaders.Method, body, envelope.MethodName)
            ?? (RepeatsName(envelope.Method) ? Name(headers.Find(McpHeaders.Name), envelope.TargetText(body)) : null);
    }

    /// <summary>Checks the arguments that a tool's schema wants repeated.</summary>
    /// <param name="headers">The headers.</param>
    /// <param name="parameters">The tool's header parameters.</param>
    /// <param name="body">The body; valid JSON.</param>
    /// <param name="arguments">Where its <c>params.arguments</c> are; may be absent.</param>
    public static HeaderMismatch? Parameters<THeaders>(
        THeaders headers, IReadOnlyList<HeaderParameter> parameters, in ReadOnlySequence<byte> body, ByteRange arguments)
        where THeaders : IRequestHeaders
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count == 0)
        {
            return null;
        }

        var values = HeaderArgument.Read(parameters, arguments.In(body));
        for (var i = 0; i < values.Length; i++)
        {
            var name = ParameterHeaders.NameOf(parameters[i]);
            if (Parameter(headers.Find(name), values[i]) is { } rule)
            {
                return new HeaderMismatch(name, rule);
            }
        }

        return null;
    }

    /// <summary>Whether a request of this method must carry <c>Mcp-Name</c>.</summary>
    public static bool RepeatsName(McpMethod method) => method
        is McpMethod.ToolsCall or McpMethod.PromptsGet or McpMethod.ResourcesRead
        or McpMethod.TasksGet or McpMethod.TasksUpdate or McpMethod.TasksCancel;

    private static HeaderMismatch? Plain<THeaders>(THeaders headers, string name, in ReadOnlySequence<byte> body, ByteRange counterpart)
        where THeaders : IRequestHeaders
    {
        var field = headers.Find(name);
        if (field.Value is null)
        {
            return new HeaderMismatch(name, field.Count == 0 ? HeaderRule.Missing : HeaderRule.Repeated);
        }

        var equal = counterpart.IsNone || RawJson.TextEquals(body, counterpart, Encoding.UTF8.GetBytes(HeaderText.Trim(field.Value).ToString()));
        return equal ? null : new HeaderMismatch(name, HeaderRule.Differs);
    }

    private static HeaderMismatch? Name(HeaderField field, string? counterpart)
    {
        if (field.Value is null)
        {
            return new HeaderMismatch(McpHeaders.Name, field.Count == 0 ? HeaderRule.Missing : HeaderRule.Repeated);
        }

        if (!HeaderText.TryDecode(field.Value, out var text))
        {
            return new HeaderMismatch(McpHeaders.Name, HeaderRule.Malformed);
        }

        return string.Equals(text, counterpart, StringComparison.Ordinal) ? null : new HeaderMismatch(McpHeaders.Name, HeaderRule.Differs);
    }

    private static HeaderRule? Parameter(HeaderField field, HeaderArgument argument)
    {
        if (argument.Kind == HeaderArgumentKind.Absent)
        {
            return field.Count == 0 ? null : HeaderRule.Unexpected;
        }

        if (field.Value is null)
        {
            return field.Count == 0 ? HeaderRule.Missing : HeaderRule.Repeated;
        }

        if (!HeaderText.TryDecode(field.Value, out var text))
        {
            return HeaderRule.Malformed;
        }

        var equal = argument.Kind switch
        {
            HeaderArgumentKind.Text or HeaderArgumentKind.Truth => string.Equals(text, argument.Text, StringComparison.Ordinal),
            HeaderArgumentKind.Integer => string.Equals(IntegerText(text), argument.Text, StringComparison.Ordinal),
            _ => false,
        };
        return equal ? null : HeaderRule.Differs;
    }

    // The number as the body's number would be written, or null if it is none.
    private static string? IntegerText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.ValueSpan.Length == bytes.Length
                && ExactInteger.TryRead(bytes, out var value)
                ? value.ToString(CultureInfo.InvariantCulture)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
