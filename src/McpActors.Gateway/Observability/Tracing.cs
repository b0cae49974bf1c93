using McpActors.Core;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace McpActors.Gateway.Observability;

/// <summary>OpenTelemetry spans. Without an OTLP endpoint no exporter is set up and no span is recorded; trace contexts are passed on all the same.</summary>
internal static class Tracing
{
    /// <summary>Registers the tracer when <paramref name="otlpEndpoint"/> is set.</summary>
    public static void AddTracing(this IServiceCollection services, Uri? otlpEndpoint, string node)
    {
        if (otlpEndpoint is null)
            return;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("mcpactors", serviceInstanceId: node, serviceVersion: NodeVersion.Text))
            .WithTracing(tracing => tracing
                .AddSource(Telemetry.Source)
                .AddSource("Microsoft.AspNetCore")
                .AddOtlpExporter(exporter => exporter.Endpoint = otlpEndpoint));
    }
}
