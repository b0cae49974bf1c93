namespace McpActors.Transports;

/// <summary>Limits and waits that hold for every upstream of the node.</summary>
public sealed record TransportSettings
{
    /// <summary>The largest answer taken from an upstream, in bytes (<c>limits.result</c>). Default 16 MiB.</summary>
    public long ResultLimit { get; init; } = 16 * 1024 * 1024;

    /// <summary>The longest line taken from a child, in bytes (<c>limits.line</c>). Default 16 MiB.</summary>
    public long LineLimit { get; init; } = 16 * 1024 * 1024;

    /// <summary>The deepest JSON taken from an upstream, in levels (<c>limits.depth</c>). Default 64.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>How long a server may be silent to the modern probe before it is taken for an old one. Default 10 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long each polite step of stopping a child may take. Default 2 s.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a farewell (DELETE of a session, a cancellation) may take. Default 2 s.</summary>
    public TimeSpan FarewellTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The first wait before a lost GET stream is opened again; doubles up to <see cref="StreamRetryMax"/>. Default 1 s.</summary>
    public TimeSpan StreamRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such wait. Default 30 s.</summary>
    public TimeSpan StreamRetryMax { get; init; } = TimeSpan.FromSeconds(30);
}
