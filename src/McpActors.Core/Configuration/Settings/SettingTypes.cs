using System.Globalization;
using System.Net;
using System.Text.Json;
using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration.Settings;

/// <summary>The single values that settings take.</summary>
internal static class SettingTypes
{
    /// <summary>In the schema: a value that is read from elsewhere.</summary>
    public const string ReferencePattern = @"\$\{";

    /// <summary>Any text.</summary>
    public static ScalarType<string> Text(string takes = "text", Func<string, bool>? check = null, Func<string, string>? masked = null) => new()
    {
        Takes = takes,
        Parse = (string text, SourceMark _, out string value) => (value = text) is not null && check?.Invoke(text) != false,
        Format = static value => value,
        Masked = masked,
    };

    /// <summary>A path; a relative one starts from the folder of its file, <c>~</c> is left to the reader.</summary>
    public static ScalarType<string> Path(string takes = "a path") => new()
    {
        Takes = takes,
        Parse = static (string text, SourceMark mark, out string value) =>
        {
            value = FilePaths.Absolute(text, mark.File);
            return FilePaths.IsPath(text);
        },
        Format = static value => value,
    };

    /// <summary>True or false.</summary>
    public static ScalarType<bool> Boolean { get; } = new()
    {
        Takes = "true or false",
        Parse = static (string text, SourceMark _, out bool value) =>
        {
            value = text is "true" or "True" or "TRUE";
            return value || text is "false" or "False" or "FALSE";
        },
        Format = static value => value ? "true" : "false",
        Form = JsonForm.Boolean,
    };

    /// <summary>A whole number.</summary>
    public static ScalarType<int> Integer(int least = int.MinValue, int most = int.MaxValue) => new()
    {
        Takes = least == int.MinValue ? "a whole number" : string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"),
        Parse = (string text, SourceMark _, out int value) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
        Format = static value => value.ToString(CultureInfo.InvariantCulture),
        Form = JsonForm.Number,
        Schema = writer =>
        {
            if (least == int.MinValue)
                return;
            writer.WriteNumber("minimum", least);
            writer.WriteNumber("maximum", most);
        },
    };

    /// <summary>A duration; the bounds are checked here, or by the rules of the section when there are none.</summary>
    public static ScalarType<TimeSpan> Duration(TimeSpan? least = null, TimeSpan? most = null) => new()
    {
        Takes = least is null ? "a duration such as 30s (a number and ms, s, m, h or d)" : $"a duration from {UnitText.Format(least.Value)} to {UnitText.Format(most!.Value)}",
        Parse = (string text, SourceMark _, out TimeSpan value) => UnitText.TryParseDuration(text, out value) && (least is null || (value >= least && value <= most)),
        Format = UnitText.Format,
        Schema = static writer => writer.WriteString("pattern", @"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d)|0)$|" + ReferencePattern),
    };

    /// <summary>A number of bytes.</summary>
    public static ScalarType<long> Size(long? least = null, long? most = null) => new()
    {
        Takes = least is null ? "a size such as 64MiB" : $"a size from {UnitText.Format(least.Value)} to {UnitText.Format(most!.Value)}",
        Parse = (string text, SourceMark _, out long value) => UnitText.TryParseSize(text, out value) && (least is null || (value >= least && value <= most)),
        Format = UnitText.Format,
        Schema = static writer => writer.WriteString("pattern", @"^[0-9]+(\.[0-9]+)?\s?(B|[kK]B|KiB|MB|MiB|GB|GiB|TB|TiB)?$|" + ReferencePattern),
    };

    /// <summary>A share.</summary>
    public static ScalarType<double> Ratio { get; } = new()
    {
        Takes = "a ratio such as 50%",
        Parse = static (string text, SourceMark _, out double value) => UnitText.TryParseRatio(text, out value),
        Format = UnitText.Format,
        Schema = static writer => writer.WriteString("pattern", @"^([0-9]+(\.[0-9]+)?%|[01](\.[0-9]+)?)$|" + ReferencePattern),
    };

    /// <summary>A host and a port.</summary>
    public static ScalarType<HostPort> HostAndPort { get; } = new()
    {
        Takes = "host:port",
        Parse = static (string text, SourceMark _, out HostPort value) => HostPort.TryParse(text, out value),
        Format = static value => value.ToString(),
        Schema = static writer => writer.WriteString("pattern", @":[0-9]{1,5}$|" + ReferencePattern),
    };

    /// <summary>An address or a network.</summary>
    public static ScalarType<IPNetwork> Network { get; } = new()
    {
        Takes = "an address or a network such as 10.0.0.0/8",
        Parse = static (string text, SourceMark _, out IPNetwork value) =>
        {
            if (IPNetwork.TryParse(text, out value))
                return true;
            if (!IPAddress.TryParse(text, out var address) || !text.AsSpan().ContainsAny('.', ':'))
                return false;
            value = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        },
        Format = static value => value.ToString(),
    };

    /// <summary>An absolute http or https URL without user information.</summary>
    public static ScalarType<Uri> HttpUrl { get; } = new()
    {
        Takes = "an http:// or https:// URL without user or password",
        Parse = static (string text, SourceMark _, out Uri value) =>
            Uri.TryCreate(text, UriKind.Absolute, out value!) && value.Scheme is "http" or "https" && value is { UserInfo: "", Host.Length: > 0, Fragment: "" },
        Format = static value => value.OriginalString,
        Masked = SecretNames.MaskUrl,
        Schema = static writer => writer.WriteString("pattern", "^https?://|" + ReferencePattern),
    };

    /// <summary>One of some words.</summary>
    public static ScalarType<T> Choice<T>(params (string Word, T Value)[] choices) => Choice(choices, []);

    /// <summary>One of some words; further words are known, but not supported by this version.</summary>
    public static ScalarType<T> Choice<T>((string Word, T Value)[] choices, string[] later) => new()
    {
        LaterWords = later,
        Takes = Join([.. choices.Select(static c => c.Word)]),
        Parse = (string text, SourceMark _, out T value) =>
        {
            var found = choices.FirstOrDefault(choice => choice.Word == text);
            value = found.Value;
            return found.Word is not null;
        },
        Format = value => choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Word,
        Schema = writer =>
        {
            writer.WriteStartArray("anyOf");
            writer.WriteStartObject();
            writer.WriteStartArray("enum");
            foreach (var (word, _) in choices)
                writer.WriteStringValue(word);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteStartObject();
            writer.WriteString("pattern", ReferencePattern);
            writer.WriteEndObject();
            writer.WriteEndArray();
        },
    };

    /// <summary>Writes the schema of a type that also takes null.</summary>
    public static void WriteNullable(Utf8JsonWriter writer, SettingType inner)
    {
        writer.WriteStartArray("anyOf");
        writer.WriteStartObject();
        writer.WriteString("type", "null");
        writer.WriteEndObject();
        writer.WriteStartObject();
        inner.WriteSchema(writer);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    /// <summary>"a, b or c".</summary>
    public static string Join(IReadOnlyList<string> words) =>
        words.Count < 2 ? string.Concat(words) : string.Join(", ", words.Take(words.Count - 1)) + " or " + words[^1];
}
