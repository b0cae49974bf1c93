using System.Globalization;
using McpActors.Core.Configuration;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace McpActors.Gateway.Observability;

/// <summary>Structured logs on standard error: standard output belongs to what a command answers.</summary>
internal static class Logging
{
    private const string TextTemplate = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj} {Exception}{NewLine}";

    /// <summary>Makes the logger of a node.</summary>
    /// <param name="logs">Form and least severity.</param>
    public static Serilog.Core.Logger Create(LogOptions logs)
    {
        var level = LevelOf(logs.Level);
        ITextFormatter formatter = logs.Format == LogFormat.Json ? new RenderedCompactJsonFormatter() : new MessageTemplateTextFormatter(TextTemplate, CultureInfo.InvariantCulture);
        return new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft.AspNetCore", LogEventLevel.Warning)
            // Its being enabled at all costs each request a span and a logging scope that nobody reads.
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off)
            .MinimumLevel.Override("Microsoft.Hosting", LogEventLevel.Warning)
            .MinimumLevel.Override("Akka", level < LogEventLevel.Information ? level : LogEventLevel.Warning)
            .Enrich.FromLogContext()
            .WriteTo.Console(formatter, standardErrorFromLevel: LogEventLevel.Verbose)
            .CreateLogger();
    }

    private static LogEventLevel LevelOf(LogSeverity severity) => severity switch
    {
        LogSeverity.Trace => LogEventLevel.Verbose,
        LogSeverity.Debug => LogEventLevel.Debug,
        LogSeverity.Warning => LogEventLevel.Warning,
        LogSeverity.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };
}
