namespace McpActors.Core.Servers.Upstream;

/// <summary>Which callers share one upstream session or process: all of them, those of one principal, or one downstream session.</summary>
/// <param name="Value"><c>shared</c>, <c>p:{principal}</c> or <c>s:{downstream session}</c>.</param>
public readonly record struct SlotKey(string Value)
{
    /// <summary>One session or process for every caller.</summary>
    public static SlotKey Shared { get; } = new("shared");

    /// <summary>One per principal.</summary>
    public static SlotKey ForPrincipal(string principal) => new("p:" + NotEmpty(principal));

    /// <summary>One per downstream session.</summary>
    public static SlotKey ForSession(string session) => new("s:" + NotEmpty(session));

    /// <summary>Whether it belongs to one downstream session.</summary>
    public bool IsSession => Value is ['s', ':', ..];

    /// <inheritdoc />
    public override string ToString() => Value ?? "";

    private static string NotEmpty(string owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        return owner;
    }
}
