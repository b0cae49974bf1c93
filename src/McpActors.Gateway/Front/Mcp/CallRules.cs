using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What may be asked of a server, and with what.</summary>
internal static class CallRules
{
    /// <summary>Whether a method of the caller's revision is the server's matter, and not that of the connection, of the client, or of nobody.</summary>
    public static bool IsForServers(McpMethod method, ProtocolRevision revision) => method switch
    {
        McpMethod.ResourcesSubscribe or McpMethod.ResourcesUnsubscribe => revision.IsLegacy,
        McpMethod.TasksResult or McpMethod.TasksList => revision.HasCoreTasks,
        McpMethod.TasksGet or McpMethod.TasksCancel => revision.HasCoreTasks || revision.HasExtensions,
        McpMethod.TasksUpdate => revision.HasExtensions,
        _ => method.Class() is McpMethodClass.List or McpMethodClass.Read or McpMethodClass.Call,
    };

    /// <summary>Whether a method makes no sense without a name, a URI or a task.</summary>
    public static bool NeedsTarget(McpMethod method) => method
        is McpMethod.ToolsCall or McpMethod.PromptsGet or McpMethod.ResourcesRead
        or McpMethod.ResourcesSubscribe or McpMethod.ResourcesUnsubscribe
        or McpMethod.TasksGet or McpMethod.TasksResult or McpMethod.TasksCancel or McpMethod.TasksUpdate;
}
