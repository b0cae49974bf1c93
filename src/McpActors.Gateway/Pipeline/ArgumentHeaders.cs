using McpActors.Core.Protocol.Headers;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Pipeline;

/// <summary>A request's headers as the protocol's check reads them.</summary>
internal readonly struct CallerHeaders(IHeaderDictionary headers) : IRequestHeaders
{
    /// <inheritdoc />
    public HeaderField Find(string name)
    {
        var values = headers[name];
        return new HeaderField(values.Count, values.Count == 1 ? values[0] : null);
    }
}

/// <summary>
/// The headers that repeat arguments of a tool call. Where the tool's schema is known they are checked against the body and made anew from it;
/// what the schema does not name, or what nobody knows a schema of, is passed on as it came.
/// </summary>
internal static class ArgumentHeaders
{
    /// <summary>The refusal of a call whose headers say something else than its arguments; null when they agree, or nothing is known.</summary>
    public static GatewayError? Refusal(DownstreamCall call, ToolFacts? tool)
    {
        if (tool is not { HeaderParameters.Count: > 0 } || call.Headers is null)
            return null;
        var mismatch = HeaderCheck.Parameters(new CallerHeaders(call.Headers), tool.HeaderParameters, call.Body, call.Envelope.Params.Arguments);
        return mismatch is { } found ? GatewayErrors.HeaderMismatch(found.Message) : null;
    }

    /// <summary>The headers for the upstream; null for none.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>>? For(DownstreamCall call, ToolFacts? tool)
    {
        var known = tool is { HeaderParameters.Count: > 0 }
            ? ParameterHeaders.Build(tool.HeaderParameters, call.Body, call.Envelope.Params.Arguments)
            : null;
        List<KeyValuePair<string, string>>? all = null;
        foreach (var (name, values) in call.Headers ?? Nothing)
        {
            if (!name.StartsWith(McpHeaders.ParameterPrefix, StringComparison.OrdinalIgnoreCase) || values.Count != 1 || Names(tool, name))
                continue;
            all ??= known is null ? [] : [.. known];
            all.Add(new(name, values[0]!));
        }

        return all ?? known;
    }

    private static readonly HeaderDictionary Nothing = [];

    private static bool Names(ToolFacts? tool, string header)
    {
        foreach (var parameter in tool?.HeaderParameters ?? [])
        {
            if (header.AsSpan(McpHeaders.ParameterPrefix.Length).Equals(parameter.Header, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
