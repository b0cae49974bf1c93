using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace McpActors.Gateway.Hosting;

/// <summary>Which of the node's listeners a connection came in by.</summary>
internal enum ListenerRole
{
    /// <summary>MCP clients and programs.</summary>
    Front,

    /// <summary>Operators.</summary>
    Management,

    /// <summary>The other nodes of the cluster.</summary>
    Internal,
}

/// <summary>Marks connections with their listener: a port number could be configured away, a mark can't be forged by a client.</summary>
internal static class ListenerRoles
{
    /// <summary>Marks every connection of this listener.</summary>
    public static void Mark(this ListenOptions options, ListenerRole role)
    {
        var feature = new RoleFeature(role);
        options.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
    }

    /// <summary>Whether the request came in by this listener.</summary>
    public static bool CameBy(this HttpContext context, ListenerRole role) => context.Features.Get<RoleFeature>()?.Role == role;

    private sealed record RoleFeature(ListenerRole Role);
}
