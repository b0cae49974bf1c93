using System.Buffers;
using System.Text;

namespace McpActors.Transports.Http;

/// <summary>Values of <c>Mcp-*</c> headers: as they are where a header can carry them, otherwise Base64 between markers.</summary>
internal static class HeaderText
{
    private const string Prefix = "=?base64?";
    private const string Suffix = "?=";

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "\t !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>The value as it travels.</summary>
    public static string Encode(string value)
    {
        var isPlain = value.AsSpan().IndexOfAnyExcept(Plain) < 0
            && value is not [] and not [' ' or '\t', ..] and not [.., ' ' or '\t']
            && !(value.StartsWith(Prefix, StringComparison.Ordinal) && value.EndsWith(Suffix, StringComparison.Ordinal));
        return isPlain ? value : Prefix + Convert.ToBase64String(Encoding.UTF8.GetBytes(value)) + Suffix;
    }
}
