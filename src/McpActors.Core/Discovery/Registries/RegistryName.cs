using System.Buffers;

namespace McpActors.Core.Discovery.Registries;

/// <summary>Names in a registry, and the patterns that choose among them.</summary>
public static class RegistryName
{
    private const int MaxLength = 200;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>Whether <paramref name="name"/> is a reverse-DNS name with exactly one slash.</summary>
    public static bool IsValid(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return name.Length <= MaxLength && slash > 0 && slash < name.Length - 1
            && !name.AsSpan(0, slash).ContainsAnyExcept(Allowed) && !name.AsSpan(slash + 1).ContainsAnyExcept(Allowed);
    }

    /// <summary>Whether <paramref name="pattern"/>, in which <c>*</c> stands for any text, matches the whole of <paramref name="name"/>; case does not matter.</summary>
    public static bool Matches(string pattern, string name)
    {
        // The usual walk with one step back: linear for patterns with few stars.
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, resume) = (p++, n);
            else if (p < pattern.Length && char.ToLowerInvariant(pattern[p]) == char.ToLowerInvariant(name[n]))
                (p, n) = (p + 1, n + 1);
            else if (star >= 0)
                (p, n) = (star + 1, ++resume);
            else
                return false;
        }

        return pattern.AsSpan(p).IndexOfAnyExcept('*') < 0;
    }

    /// <summary>Whether a list of patterns takes a name; an empty list takes all.</summary>
    public static bool IsIncluded(IReadOnlyList<string> include, string name) => include.Count == 0 || include.Any(pattern => Matches(pattern, name));

    /// <summary>Whether the patterns choose: somebody wrote down more than "everything".</summary>
    public static bool IsChoice(IReadOnlyList<string> include) => include.Count > 0 && include.All(static pattern => pattern.AsSpan().IndexOfAnyExcept('*') >= 0);

    /// <summary>Text that every name a single pattern matches contains, for the registry's own search; null when there is none worth asking for.</summary>
    public static string? SearchText(IReadOnlyList<string> include)
    {
        if (include.Count != 1)
            return null;
        var longest = include[0].Split('*').MaxBy(static part => part.Length)!;
        return longest.Length >= 3 ? longest : null;
    }
}
