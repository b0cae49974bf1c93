namespace McpActors.Core.Configuration.Settings;

/// <summary>Finds the key that somebody who mistyped one most likely meant.</summary>
internal static class NearestKey
{
    private const int LongestCompared = 64;

    /// <summary>The candidate with the fewest edits, when those are at most two or a third of its length.</summary>
    public static string? Find(string key, IEnumerable<string> candidates)
    {
        if (key.Length is 0 or > LongestCompared)
            return null;
        return candidates
            .Where(static candidate => candidate.Length <= LongestCompared)
            .Select(candidate => (candidate, Edits: Edits(key.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(each => each.Edits <= Math.Max(1, each.candidate.Length / 3))
            .OrderBy(static each => each.Edits)
            .Select(static each => each.candidate)
            .FirstOrDefault();
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).</summary>
    private static int Edits(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            table[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            table[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                var best = Math.Min(replaced, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, table[i - 2, j - 2] + 1);
                table[i, j] = best;
            }
        }

        return table[a.Length, b.Length];
    }
}
