using System.Text;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>The table of method names: text, bytes and class of each <see cref="McpMethod"/>, with a look-up that allocates nothing.</summary>
public static class McpMethods
{
    private static readonly Row[] Rows =
    [
        new(McpMethod.Unknown, "", McpMethodClass.Unknown),
        new(McpMethod.Initialize, "initialize", McpMethodClass.Lifecycle),
        new(McpMethod.Ping, "ping", McpMethodClass.Lifecycle),
        new(McpMethod.ServerDiscover, "server/discover", McpMethodClass.Lifecycle),
        new(McpMethod.ToolsList, "tools/list", McpMethodClass.List),
        new(McpMethod.ToolsCall, "tools/call", McpMethodClass.Call),
        new(McpMethod.PromptsList, "prompts/list", McpMethodClass.List),
        new(McpMethod.PromptsGet, "prompts/get", McpMethodClass.Read),
        new(McpMethod.ResourcesList, "resources/list", McpMethodClass.List),
        new(McpMethod.ResourcesRead, "resources/read", McpMethodClass.Read),
        new(McpMethod.ResourceTemplatesList, "resources/templates/list", McpMethodClass.List),
        new(McpMethod.ResourcesSubscribe, "resources/subscribe", McpMethodClass.Subscription),
        new(McpMethod.ResourcesUnsubscribe, "resources/unsubscribe", McpMethodClass.Subscription),
        new(McpMethod.CompletionComplete, "completion/complete", McpMethodClass.Read),
        new(McpMethod.LoggingSetLevel, "logging/setLevel", McpMethodClass.Lifecycle),
        new(McpMethod.SubscriptionsListen, "subscriptions/listen", McpMethodClass.Subscription),
        new(McpMethod.TasksGet, "tasks/get", McpMethodClass.Read),
        new(McpMethod.TasksResult, "tasks/result", McpMethodClass.Read),
        new(McpMethod.TasksList, "tasks/list", McpMethodClass.List),
        new(McpMethod.TasksCancel, "tasks/cancel", McpMethodClass.Call),
        new(McpMethod.TasksUpdate, "tasks/update", McpMethodClass.Call),
        new(McpMethod.RootsList, "roots/list", McpMethodClass.FromServer),
        new(McpMethod.SamplingCreateMessage, "sampling/createMessage", McpMethodClass.FromServer),
        new(McpMethod.ElicitationCreate, "elicitation/create", McpMethodClass.FromServer),
        new(McpMethod.InitializedNotification, "notifications/initialized", McpMethodClass.Notification),
        new(McpMethod.CancelledNotification, "notifications/cancelled", McpMethodClass.Notification),
        new(McpMethod.ProgressNotification, "notifications/progress", McpMethodClass.Notification),
        new(McpMethod.MessageNotification, "notifications/message", McpMethodClass.Notification),
        new(McpMethod.ToolsListChangedNotification, "notifications/tools/list_changed", McpMethodClass.Notification),
        new(McpMethod.PromptsListChangedNotification, "notifications/prompts/list_changed", McpMethodClass.Notification),
        new(McpMethod.ResourcesListChangedNotification, "notifications/resources/list_changed", McpMethodClass.Notification),
        new(McpMethod.ResourceUpdatedNotification, "notifications/resources/updated", McpMethodClass.Notification),
        new(McpMethod.RootsListChangedNotification, "notifications/roots/list_changed", McpMethodClass.Notification),
        new(McpMethod.ElicitationCompleteNotification, "notifications/elicitation/complete", McpMethodClass.Notification),
        new(McpMethod.TaskStatusNotification, "notifications/tasks/status", McpMethodClass.Notification),
        new(McpMethod.TasksNotification, "notifications/tasks", McpMethodClass.Notification),
        new(McpMethod.SubscriptionsAcknowledgedNotification, "notifications/subscriptions/acknowledged", McpMethodClass.Notification),
    ];

    private static readonly Row[][] ByLength = GroupByLength();

    /// <summary>Every method that a revision defines.</summary>
    public static IEnumerable<McpMethod> All => Rows.Skip(1).Select(row => row.Method);

    /// <summary>The method of that name; <see cref="McpMethod.Unknown"/> when no revision defines it. Names are case-sensitive.</summary>
    public static McpMethod Find(ReadOnlySpan<byte> name)
    {
        if ((uint)name.Length >= (uint)ByLength.Length)
        {
            return McpMethod.Unknown;
        }

        foreach (ref readonly var row in ByLength[name.Length].AsSpan())
        {
            if (name.SequenceEqual(row.Utf8))
            {
                return row.Method;
            }
        }

        return McpMethod.Unknown;
    }

    /// <summary>The method of that name; <see cref="McpMethod.Unknown"/> when no revision defines it.</summary>
    public static McpMethod Find(string name)
    {
        foreach (ref readonly var row in Rows.AsSpan(1))
        {
            if (string.Equals(row.Text, name, StringComparison.Ordinal))
            {
                return row.Method;
            }
        }

        return McpMethod.Unknown;
    }

    /// <summary>Its name on the wire; empty for <see cref="McpMethod.Unknown"/>.</summary>
    public static string Text(this McpMethod method) => Rows[(int)method].Text;

    /// <summary>Its name on the wire in UTF-8; empty for <see cref="McpMethod.Unknown"/>.</summary>
    public static ReadOnlySpan<byte> Utf8(this McpMethod method) => Rows[(int)method].Utf8;

    /// <summary>What kind of work it is.</summary>
    public static McpMethodClass Class(this McpMethod method) => Rows[(int)method].Class;

    /// <summary>Whether the protocol lets its result carry <c>ttlMs</c> and <c>cacheScope</c>.</summary>
    public static bool HasCacheHints(this McpMethod method) => method
        is McpMethod.ServerDiscover or McpMethod.ToolsList or McpMethod.PromptsList
        or McpMethod.ResourcesList or McpMethod.ResourceTemplatesList or McpMethod.ResourcesRead;

    private static Row[][] GroupByLength()
    {
        var table = new Row[Rows.Max(row => row.Utf8.Length) + 1][];
        for (var length = 0; length < table.Length; length++)
        {
            table[length] = [.. Rows.Where(row => row.Method != McpMethod.Unknown && row.Utf8.Length == length)];
        }

        return table;
    }

    private readonly record struct Row(McpMethod Method, string Text, McpMethodClass Class)
    {
        public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Text);
    }
}
