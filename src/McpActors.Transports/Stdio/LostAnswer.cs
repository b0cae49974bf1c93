using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpActors.Transports.Stdio;

/// <summary>
/// Finds out whom a line was for that cannot be used: broken JSON, or too long. Members come in any order, so the id is looked for in the part
/// before the fault and at the very end of the line. Without it the caller would wait for its whole timeout.
/// </summary>
internal static partial class LostAnswer
{
    /// <summary>The id of the response that the line was meant to be, if it can be told.</summary>
    /// <param name="head">The line, or the kept first part of it.</param>
    /// <param name="tail">The last bytes of the line.</param>
    public static long? IdOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
        => IdInHead(head) ?? IdInTail(tail);

    private static long? IdInHead(ReadOnlySpan<byte> head)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 1000 }));
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("id"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var id) ? id : null;
                }
            }
        }
        catch (JsonException)
        {
            // Here it breaks; whatever may follow is for the tail.
        }

        return null;
    }

    private static long? IdInTail(ReadOnlySpan<byte> tail)
    {
        var match = IdAtEnd().Match(Encoding.Latin1.GetString(tail));
        return match.Success && long.TryParse(match.Groups[1].ValueSpan, out var id) ? id : null;
    }

    [GeneratedRegex("""[,{]\s*"id"\s*:\s*([0-9]{1,18})\s*(,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$""", RegexOptions.CultureInvariant)]
    private static partial Regex IdAtEnd();
}
