namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>The methods of all protocol revisions. Everything else is <see cref="Unknown"/>, and its text stays in the message.</summary>
public enum McpMethod : byte
{
    /// <summary>A method that no revision defines.</summary>
    Unknown,
    Initialize,
    Ping,
    ServerDiscover,
    ToolsList,
    ToolsCall,
    PromptsList,
    PromptsGet,
    ResourcesList,
    ResourcesRead,
    ResourceTemplatesList,
    ResourcesSubscribe,
    ResourcesUnsubscribe,
    CompletionComplete,
    LoggingSetLevel,
    SubscriptionsListen,
    TasksGet,
    TasksResult,
    TasksList,
    TasksCancel,
    TasksUpdate,

    /// <summary>Asked by a server of its client, as are the next two.</summary>
    RootsList,
    SamplingCreateMessage,
    ElicitationCreate,
    InitializedNotification,
    CancelledNotification,
    ProgressNotification,
    MessageNotification,
    ToolsListChangedNotification,
    PromptsListChangedNotification,
    ResourcesListChangedNotification,
    ResourceUpdatedNotification,
    RootsListChangedNotification,
    ElicitationCompleteNotification,
    TaskStatusNotification,
    TasksNotification,
    SubscriptionsAcknowledgedNotification,
}

/// <summary>What kind of work a method is.</summary>
public enum McpMethodClass : byte
{
    /// <summary>No revision defines it.</summary>
    Unknown,

    /// <summary>Handshake, ping, log level: about the connection, not about content.</summary>
    Lifecycle,

    /// <summary>A list, with a cursor.</summary>
    List,

    /// <summary>Reads without effects: resources/read, prompts/get, completion/complete, tasks/get.</summary>
    Read,

    /// <summary>May have effects: tools/call, tasks/cancel, tasks/update.</summary>
    Call,

    /// <summary>A long-lived stream or a subscription.</summary>
    Subscription,

    /// <summary>A request of a server to its client.</summary>
    FromServer,

    /// <summary>A notification of either side.</summary>
    Notification,
}
