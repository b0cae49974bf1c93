using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Protocol.Headers;

/// <summary>Builds the headers that repeat arguments of a tool call.</summary>
public static class ParameterHeaders
{
    /// <summary>The name of a parameter's header.</summary>
    public static string NameOf(HeaderParameter parameter) => McpHeaders.ParameterPrefix + parameter.Header;

    /// <summary>
    /// Name and encoded value of each header to send. Arguments that are absent, null, or nothing a header can repeat have none: the
    /// upstream refuses the last itself, by its schema or its header check.
    /// </summary>
    /// <param name="parameters">The tool's header parameters.</param>
    /// <param name="body">The request; valid JSON.</param>
    /// <param name="arguments">Where its <c>params.arguments</c> are; may be absent.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Build(
        IReadOnlyList<HeaderParameter> parameters, in ReadOnlySequence<byte> body, ByteRange arguments)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count == 0 || arguments.IsNone)
        {
            return [];
        }

        var values = HeaderArgument.Read(parameters, arguments.In(body));
        var headers = new List<KeyValuePair<string, string>>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].Kind is HeaderArgumentKind.Text or HeaderArgumentKind.Integer or HeaderArgumentKind.Truth)
            {
                headers.Add(new(NameOf(parameters[i]), HeaderText.Encode(values[i].Text)));
            }
        }

        return headers;
    }
}
