using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Servers;

/// <summary>Decides how much a call may be repeated.</summary>
internal static class CallClassifier
{
    /// <summary>The class of a call.</summary>
    /// <param name="intent">The call.</param>
    /// <param name="settings">What the operator says.</param>
    /// <param name="book">What the server says, which counts only where the operator trusts it.</param>
    /// <param name="state">Definitions as they were first seen.</param>
    internal static CallClass Classify(CallIntent intent, ServerSettings settings, CatalogueBook book, ServerState state)
    {
        if (intent.Method != McpMethod.ToolsCall)
        {
            return OfMethod(intent.Method);
        }

        if (intent.Target is null)
        {
            return CallClass.WriteTool;
        }

        if (settings.ToolClasses.TryGetValue(intent.Target, out var declared))
        {
            return declared;
        }

        return settings.TrustAnnotations ? ByAnnotations(intent.Target, book, state) : CallClass.WriteTool;
    }

    /// <summary>The class of what is no tool call.</summary>
    internal static CallClass OfMethod(McpMethod method) => method switch
    {
        McpMethod.ToolsList or McpMethod.PromptsList or McpMethod.ResourcesList or McpMethod.ResourceTemplatesList or McpMethod.TasksList
            or McpMethod.ServerDiscover or McpMethod.ResourcesRead or McpMethod.PromptsGet or McpMethod.CompletionComplete
            or McpMethod.TasksGet or McpMethod.Ping => CallClass.SafeProtocol,
        // Said twice they are as said once.
        McpMethod.LoggingSetLevel or McpMethod.ResourcesSubscribe or McpMethod.ResourcesUnsubscribe => CallClass.IdempotentTool,
        _ => CallClass.WriteTool,
    };

    // A hint counts for the definition that was there when trust was given, and only while nothing says that it changed.
    private static CallClass ByAnnotations(string tool, CatalogueBook book, ServerState state)
    {
        if (book.IsStale(ListKind.Tools) || book.Current is not { } catalogue
            || !catalogue.ToolIndex.TryGetValue(tool, out var facts)
            || !state.FirstSeenTools.TryGetValue(tool, out var hash) || hash != facts.DefinitionHash)
        {
            return CallClass.WriteTool;
        }

        return facts.Annotations.ReadOnly
            ? CallClass.ReadOnlyTool
            : facts.Annotations.Idempotent ? CallClass.IdempotentTool : CallClass.WriteTool;
    }
}
