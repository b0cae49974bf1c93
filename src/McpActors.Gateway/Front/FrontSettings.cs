using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Gateway.Front;

/// <summary>What the front takes from the configuration.</summary>
/// <param name="MaxRequestBytes">Largest body of a request, bytes (<c>limits.request</c>).</param>
/// <param name="RequestLimits">How much JSON a request may hold.</param>
/// <param name="ResultLimits">How much JSON a result may hold.</param>
internal sealed record FrontSettings(long MaxRequestBytes, JsonLimits RequestLimits, JsonLimits ResultLimits)
{
    /// <summary>The settings of a configuration.</summary>
    public static FrontSettings From(LimitOptions limits) => new(
        limits.Request,
        JsonLimits.Request with { Depth = limits.Depth },
        JsonLimits.Upstream with { Depth = limits.Depth });
}
