namespace McpActors.Core.Configuration;

/// <summary>How a log line is written.</summary>
public enum LogFormat
{
    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>For people.</summary>
    Text,
}

/// <summary>The least severity that is logged.</summary>
public enum LogSeverity
{
    /// <summary>Everything.</summary>
    Trace,

    /// <summary>For who looks for a fault.</summary>
    Debug,

    /// <summary>What an operator wants to know.</summary>
    Information,

    /// <summary>What may need a look.</summary>
    Warning,

    /// <summary>What failed.</summary>
    Error,
}

/// <summary>Logs (<c>observability.logs</c>).</summary>
public sealed record LogOptions
{
    /// <summary>The defaults.</summary>
    public static LogOptions Default { get; } = new();

    /// <summary>Form of a line. Default json.</summary>
    public LogFormat Format { get; init; } = LogFormat.Json;

    /// <summary>Least severity. Default information.</summary>
    public LogSeverity Level { get; init; } = LogSeverity.Information;
}

/// <summary>What the node tells of itself (<c>observability</c>).</summary>
public sealed record ObservabilityOptions
{
    /// <summary>The defaults.</summary>
    public static ObservabilityOptions Default { get; } = new();

    /// <summary>Logs.</summary>
    public LogOptions Logs { get; init; } = LogOptions.Default;

    /// <summary>OTLP collector that gets the traces. Default none: no export.</summary>
    public Uri? OtlpEndpoint { get; init; }
}
