using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace McpActors.Core.Servers;

/// <summary>The id of a server: <c>[a-z0-9][a-z0-9-]{0,23}</c>, unique over servers, groups and profiles; <c>mcpactors</c> is reserved.</summary>
public readonly record struct ServerId
{
    /// <summary>Longest id, characters.</summary>
    public const int MaxLength = 24;

    /// <summary>The id of the gateway itself.</summary>
    public const string Reserved = "mcpactors";

    /// <summary>Takes a valid id.</summary>
    /// <exception cref="ArgumentException">The text is no id.</exception>
    public ServerId(string value)
    {
        if (!IsValid(value))
            throw new ArgumentException($"'{value}' is no server id: expected [a-z0-9][a-z0-9-]{{0,23}}, not '{Reserved}'.", nameof(value));
        Value = value;
    }

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>Whether <paramref name="text"/> is an id.</summary>
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= MaxLength } && text != Reserved && text[0] != '-' && text.AsSpan().IndexOfAnyExcept(Allowed) < 0;

    /// <summary>Takes <paramref name="text"/> if it is an id.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ServerId id)
    {
        var valid = IsValid(text);
        id = valid ? new ServerId(text!) : default;
        return valid;
    }

    /// <summary>A stable id for a name that people gave: lower case, anything else a dash; a long name is cut and gets a hash of the whole.</summary>
    public static ServerId FromName(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var c in name.ToLowerInvariant())
        {
            var allowed = char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
            if (allowed)
                slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        var text = slug.ToString().Trim('-');
        if (text.Length == 0)
            return new ServerId("server-" + Suffix(name, 4));
        if (text == Reserved)
            return new ServerId("server-" + text);
        // What is cut off must not make two names one, so its hash stands for it.
        return new ServerId(text.Length <= MaxLength ? text : text[..(MaxLength - 5)].TrimEnd('-') + "-" + Suffix(name, 2));
    }

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";

    private static string Suffix(string name, int bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, bytes));

    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
}
