using System.Text;
using System.Text.Json;

namespace McpActors.Gateway.Configuration;

/// <summary>Writes JSON as YAML that people like to read: plain scalars where they are safe, short lists and maps on one line.</summary>
internal static class YamlText
{
    private const int Indent = 2;
    private const int LongestLine = 100;

    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase) { "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n" };

    /// <summary>A value on one line.</summary>
    public static string Flow(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any() ? "{ " + string.Join(", ", value.EnumerateObject().Select(static m => Scalar(m.Name, inFlow: true) + ": " + Flow(m.Value))) + " }" : "{}",
        JsonValueKind.Array => "[" + string.Join(", ", value.EnumerateArray().Select(Flow)) + "]",
        JsonValueKind.String => Scalar(value.GetString()!, inFlow: true),
        _ => value.GetRawText(),
    };

    /// <summary>The members of a map, one a line, nested maps indented; empty lists and maps are left out.</summary>
    public static void Block(StringBuilder text, JsonElement map, int depth)
    {
        foreach (var member in map.EnumerateObject())
        {
            text.Append(' ', depth * Indent).Append(Scalar(member.Name, inFlow: false)).Append(':');
            var flow = Flow(member.Value);
            if (member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().Any())
            {
                text.Append('\n');
                Block(text, member.Value, depth + 1);
            }
            else if (member.Value.ValueKind == JsonValueKind.Array && flow.Length > LongestLine)
            {
                text.Append('\n');
                foreach (var item in member.Value.EnumerateArray())
                    text.Append(' ', (depth + 1) * Indent).Append("- ").Append(Flow(item)).Append('\n');
            }
            else
            {
                text.Append(' ').Append(member.Value.ValueKind == JsonValueKind.String ? Scalar(member.Value.GetString()!, inFlow: false) : flow).Append('\n');
            }
        }
    }

    /// <summary>A text that any YAML reader takes for just this text.</summary>
    public static string Scalar(string text, bool inFlow) => IsPlain(text, inFlow) ? text : JsonSerializer.Serialize(text, Relaxed);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static bool IsPlain(string text, bool inFlow)
    {
        if (Words.Contains(text) || text[0] is ' ' || text[^1] is ' ' or ':' || IsNumberLike(text))
            return false;
        if ("!&*-?:,[]{}#|>@`\"'%=<.".Contains(text[0], StringComparison.Ordinal))
            return false;
        return !text.Any(c => char.IsControl(c) || c > '~' || (inFlow && c is ',' or '[' or ']' or '{' or '}'))
            && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal);
    }

    // Dates and times too: YAML 1.1 readers take 2026-07-28 for a date and 12:30 for a number.
    private static bool IsNumberLike(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) || text.StartsWith("0o", StringComparison.Ordinal)
        || ((char.IsAsciiDigit(text[0]) || text[0] == '+') && text.All(static c => char.IsAsciiDigit(c) || c is '.' or '-' or '+' or ':' or '_' or 'e' or 'E'));
}
