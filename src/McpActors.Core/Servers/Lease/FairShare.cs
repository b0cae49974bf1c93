namespace McpActors.Core.Servers.Lease;

/// <summary>Max-min fairness: nobody gets more than it wants while another has less than that and wants more; what nobody wants is spread evenly.</summary>
internal static class FairShare
{
    /// <summary>Splits <paramref name="total"/> by <paramref name="wanted"/>. The shares add up to the total.</summary>
    internal static void Split(int total, ReadOnlySpan<int> wanted, Span<int> shares)
    {
        shares.Clear();
        var left = Fill(Math.Max(0, total), wanted, shares);
        for (var i = 0; i < shares.Length && left > 0; i++)
        {
            var part = (left + shares.Length - i - 1) / (shares.Length - i);
            shares[i] += part;
            left -= part;
        }
    }

    // Raises the level of all who still want more; each round satisfies one at least, or ends.
    private static int Fill(int left, ReadOnlySpan<int> wanted, Span<int> shares)
    {
        while (left > 0)
        {
            var hungry = 0;
            for (var i = 0; i < wanted.Length; i++)
            {
                hungry += shares[i] < wanted[i] ? 1 : 0;
            }

            if (hungry == 0)
            {
                break;
            }

            var level = Math.Max(1, left / hungry);
            for (var i = 0; i < wanted.Length && left > 0; i++)
            {
                var part = Math.Min(left, Math.Min(level, wanted[i] - shares[i]));
                if (part > 0)
                {
                    shares[i] += part;
                    left -= part;
                }
            }
        }

        return left;
    }
}
