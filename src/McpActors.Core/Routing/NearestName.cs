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
            var distance = Edits(given.ToLowerInvariant(), name.ToLowerInvariant());
            if (distance >= least)
                continue;
            least = distance;
            best = name;
        }

        return best;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours (optimal string alignment): swaps are what fast fingers do.</summary>
    private static int Edits(string a, string b)
    {
        Span<int> beforeLast = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }

            var free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }

        return last[b.Length];
    }
}
