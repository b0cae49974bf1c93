namespace McpActors.Core.Configuration;

/// <summary>What one caller or one server may use up (<c>limits</c>).</summary>
public sealed record LimitOptions
{
    /// <summary>The defaults.</summary>
    public static LimitOptions Default { get; } = new();

    /// <summary>Body of a request, bytes. 1 KiB to 1 GiB; default 4 MiB.</summary>
    public long Request { get; init; } = 4L << 20;

    /// <summary>One message or answer of an HTTP server, bytes. 1 KiB to 1 GiB; default 16 MiB.</summary>
    public long Result { get; init; } = 16L << 20;

    /// <summary>One line of a stdio server, bytes. 1 KiB to 1 GiB; default 16 MiB.</summary>
    public long Line { get; init; } = 16L << 20;

    /// <summary>Nesting of JSON. 8 to 512; default 64.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Client sessions of a node. 1 to 10,000,000; default 10,000.</summary>
    public int Sessions { get; init; } = 10_000;

    /// <summary>A session without a request for this long ends. 1 s to 30 d; default 2 h.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Bytes kept for a client's stream whose reader is slow. 4 KiB to 1 GiB; default 256 KiB.</summary>
    public long SessionBuffer { get; init; } = 256L << 10;
}

/// <summary>How the node stops (<c>shutdown</c>).</summary>
public sealed record ShutdownOptions
{
    /// <summary>The defaults.</summary>
    public static ShutdownOptions Default { get; } = new();

    /// <summary>How long calls are still taken after readiness says that the node stops, so that balancers see it; not by a node that is alone. 0 to 5 min; default 3 s.</summary>
    public TimeSpan Notice { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long calls in flight may take to end. 0 to 1 h; default 60 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(60);
}
