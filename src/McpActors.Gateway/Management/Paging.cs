using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace McpActors.Gateway.Management;

/// <summary>How lists are paged: <c>?after=</c> is the last key the caller has, <c>?limit=</c> the most entries it wants.</summary>
internal static class Paging
{
    /// <summary>Entries of a page without a limit.</summary>
    public const int Default = 100;

    /// <summary>Most entries of a page.</summary>
    public const int Most = 1000;

    /// <summary>Reads the limit.</summary>
    public static bool TryLimit(HttpContext context, out int limit, [NotNullWhen(false)] out IResult? fault)
    {
        var text = context.Request.Query["limit"].ToString();
        fault = null;
        limit = Default;
        if (text.Length == 0 || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is > 0 and <= Most))
            return true;
        fault = Answers.Refuse(StatusCodes.Status400BadRequest, "badLimit", $"'limit' must be a whole number from 1 to {Most}, found '{text}'.");
        return false;
    }
}
