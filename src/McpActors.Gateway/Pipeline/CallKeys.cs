using System.Buffers;
using System.Text;
using McpActors.Core.Protocol.CanonicalJson;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Gateway.Pipeline;

/// <summary>
/// Under which name a result may be shared. Reads of the protocol are shareable as such, a tool's results only where the operator gave them a time.
/// Nothing that continues an earlier exchange is.
/// </summary>
internal static class CallKeys
{
    /// <summary>The key and the tag of a call; no key for one that is not shared.</summary>
    public static (CacheKey? Key, CacheTag Tag) For(DownstreamCall call)
    {
        if (KindOf(call) is not { } kind || call.Envelope.Params.IsContinuation || !call.Envelope.Params.Task.IsNone)
            return (null, default);
        ref readonly var parameters = ref call.Envelope.Params;
        using var canonical = new PooledBuffer();
        Append(canonical, call.Body, parameters.Cursor);
        Append(canonical, call.Body, parameters.Reference);
        if (!parameters.Arguments.IsNone)
            CanonicalValue.TryWrite(parameters.Arguments.In(call.Body), canonical, DeepestArguments);
        return (Compute(call, canonical.Sequence), call.Target is null ? new CacheTag(kind) : CacheTag.Of(kind, Encoding.UTF8.GetBytes(call.Target)));
    }

    private const int DeepestArguments = 1000;

    private static CacheKind? KindOf(DownstreamCall call) => call.Method switch
    {
        McpMethod.ToolsList => CacheKind.ToolsList,
        McpMethod.PromptsList => CacheKind.PromptsList,
        McpMethod.ResourcesList => CacheKind.ResourcesList,
        McpMethod.ResourceTemplatesList => CacheKind.ResourceTemplatesList,
        McpMethod.ResourcesRead => CacheKind.Resource,
        McpMethod.PromptsGet => CacheKind.Prompt,
        McpMethod.CompletionComplete => CacheKind.Completion,
        McpMethod.ToolsCall when call.Target is not null && call.Server.Tool(call.Target).CacheTtl is not null => CacheKind.ToolCall,
        _ => null,
    };

    private static CacheKey Compute(DownstreamCall call, ReadOnlySequence<byte> canonical)
    {
        // What a session of its own answers may differ from session to session.
        var scope = call.Slot == SlotKey.Shared ? "" : call.Slot.Value;
        var method = call.Target is null ? call.MethodName : call.MethodName + "\0" + call.Target;
        var bytes = canonical.IsSingleSegment ? canonical.FirstSpan : canonical.ToArray();
        return CacheKey.Compute(Encoding.UTF8.GetBytes(scope), Encoding.UTF8.GetBytes(method), bytes);
    }

    private static void Append(PooledBuffer target, in ReadOnlySequence<byte> body, ByteRange range)
    {
        if (!range.IsNone)
            target.Write(range.In(body));
        target.Write("\n"u8);
    }
}
