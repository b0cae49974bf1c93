namespace McpActors.Core.Routing;

/// <summary>Finds the name somebody probably meant.</summary>
public static class NearestName
{
    private const int LongestName = 128;

    /// <summary>The nearest of <paramref name="names"/> by edits; null when more than a third of the letters would have to change.</summary>
    public static string? Find(string given, IEnumerable<string> names)
    {
        if (given.Length is 0 or > LongestName)
            return null;
        string? best = null;
        var least = Math.Max(2, given.Length / 3) + 1;
        foreach (var name in names)
        {
            if (name.Length > LongestName || Math.Abs(name.Length - given.Length) >= least)
                continue;
            var distance = Distance(given, name);
            if (distance >= least)
                continue;
            least = distance;
            best = name;
        }

        return best;
    }

    /// <summary>Levenshtein distance without regard to case.</summary>
    private static int Distance(string a, string b)
    {
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitute = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
