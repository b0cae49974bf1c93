using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace McpActors.Core.Protocol.Headers;

/// <summary>
/// The form in which <c>Mcp-Name</c> and <c>Mcp-Param-*</c> carry text: as it is, or as <c>=?base64?…?=</c> over its UTF-8 when it could
/// not travel unharmed, or looks like that form itself.
/// </summary>
public static class HeaderText
{
    private const string Prefix = "=?base64?";
    private const string Suffix = "?=";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "\t" + string.Concat(Enumerable.Range(0x20, 0x7F - 0x20).Select(code => (char)code)));

    private static readonly SearchValues<char> Base64 = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    /// <summary>The header's value for a text.</summary>
    /// <exception cref="EncoderFallbackException">The text holds half a surrogate pair.</exception>
    public static string Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TravelsAsItIs(text) ? text : string.Concat(Prefix, Convert.ToBase64String(Strict.GetBytes(text)), Suffix);
    }

    /// <summary>The text of a header's value, blanks around it not counted.</summary>
    /// <param name="value">The value as received.</param>
    /// <param name="text">The text.</param>
    /// <returns>False when it holds characters that no header may, or Base64 or UTF-8 that is not exact.</returns>
    public static bool TryDecode(string value, [NotNullWhen(true)] out string? text)
    {
        ArgumentNullException.ThrowIfNull(value);
        var bare = Trim(value);
        text = null;
        if (bare.ContainsAnyExcept(Allowed))
        {
            return false;
        }

        if (IsWrapped(bare))
        {
            return TryUnwrap(bare[Prefix.Length..^Suffix.Length], out text);
        }

        text = bare.Length == value.Length ? value : bare.ToString();
        return true;
    }

    /// <summary>A header's value without the blanks around it, which do not belong to it.</summary>
    public static ReadOnlySpan<char> Trim(string value) => value.AsSpan().Trim(" \t");

    private static bool TravelsAsItIs(string text) =>
        !text.AsSpan().ContainsAnyExcept(Allowed) && Trim(text).Length == text.Length && !HasMarks(text);

    private static bool HasMarks(ReadOnlySpan<char> value) =>
        value.StartsWith(Prefix, StringComparison.Ordinal) && value.EndsWith(Suffix, StringComparison.Ordinal);

    // "=?base64?=" has both marks, but they share a question mark. It is wrapped when sent, for peers may disagree about it.
    private static bool IsWrapped(ReadOnlySpan<char> value) => value.Length >= Prefix.Length + Suffix.Length && HasMarks(value);

    private static bool TryUnwrap(ReadOnlySpan<char> encoded, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, encoded.Length));
        try
        {
            // The framework skips blanks and forgives stray bits; two forms of one text would be two names for one tool.
            if (encoded.ContainsAnyExcept(Base64) || !Convert.TryFromBase64Chars(encoded, bytes, out var length)
                || !encoded.SequenceEqual(Convert.ToBase64String(bytes.AsSpan(0, length))))
            {
                return false;
            }

            text = Strict.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
