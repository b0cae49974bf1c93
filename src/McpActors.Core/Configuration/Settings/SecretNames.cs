using System.Text.RegularExpressions;

namespace McpActors.Core.Configuration.Settings;

/// <summary>Which names say that their value is a secret, and how such values are hidden. Better one value hidden too many.</summary>
public static partial class SecretNames
{
    /// <summary>What stands for a hidden value.</summary>
    public const string Mask = "***";

    private static readonly string[] Parts = ["auth", "token", "secret", "password", "passwd", "pwd", "apikey", "accesskey", "privatekey", "credential", "cookie", "session", "signature", "passphrase"];

    /// <summary>Whether the value of a header, variable, option or parameter of this name is hidden.</summary>
    public static bool LooksSecret(string name)
    {
        var plain = Separators().Replace(name, "").ToLowerInvariant();
        return Parts.Any(part => plain.Contains(part, StringComparison.Ordinal)) || Key().IsMatch(name);
    }

    /// <summary>The arguments of a program with the values of secret options hidden.</summary>
    public static IEnumerable<string> MaskArguments(IEnumerable<string> arguments)
    {
        var hideNext = false;
        foreach (var argument in arguments)
        {
            if (hideNext && !argument.StartsWith('-'))
            {
                hideNext = false;
                yield return Mask;
                continue;
            }

            var equals = argument.IndexOf('=');
            var name = equals < 0 ? argument : argument[..equals];
            var secret = LooksSecret(name) && (equals >= 0 || argument.StartsWith('-'));
            hideNext = secret && equals < 0;
            yield return secret && equals >= 0 ? name + "=" + Mask : MaskUrl(argument);
        }
    }

    /// <summary>A URL with user information and the values of secret parameters hidden; any other text as it is.</summary>
    public static string MaskUrl(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
            return text;
        text = UserInformation().Replace(text, "://" + Mask + "@");
        return Parameter().Replace(text, match => LooksSecret(match.Groups["name"].Value) ? match.Groups["lead"].Value + match.Groups["name"].Value + "=" + Mask : match.Value);
    }

    /// <summary>A URL of which all that follows the host may be a secret.</summary>
    public static string MaskWebhook(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.PathAndQuery != "/" ? $"{url.GetLeftPart(UriPartial.Authority)}/{Mask}" : text;

    /// <summary>A connection string with its secret parts hidden.</summary>
    public static string MaskConnection(string text) => string.Join(';', text.Split(';').Select(static part =>
    {
        var equals = part.IndexOf('=');
        return equals > 0 && LooksSecret(part[..equals]) ? part[..equals] + "=" + Mask : part;
    }));

    [GeneratedRegex("[-_. ]")]
    private static partial Regex Separators();

    [GeneratedRegex("(?i:(^|[-_.])key($|[-_.]))|Key$|(?i:(^|_)pat$)")]
    private static partial Regex Key();

    [GeneratedRegex("://[^/@?#]+@")]
    private static partial Regex UserInformation();

    [GeneratedRegex("(?<lead>[?&])(?<name>[^=&#]+)=[^&#]*")]
    private static partial Regex Parameter();
}
