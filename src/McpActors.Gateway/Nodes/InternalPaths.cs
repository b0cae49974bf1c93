namespace McpActors.Gateway.Nodes;

/// <summary>Paths of the internal listener, relative to its base.</summary>
internal static class InternalPaths
{
    /// <summary>Connections of this node by their id.</summary>
    public const string Connections = "internal/v1/connections/";

    /// <summary>What client sessions say of calls that this node carries.</summary>
    public const string Sessions = "internal/v1/sessions/";
}
