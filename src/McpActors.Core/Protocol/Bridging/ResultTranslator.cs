using System.Buffers;
using System.Buffers.Text;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Protocol.Bridging;

/// <summary>What is known when an upstream's response is made one for the caller.</summary>
public readonly record struct ResultContext
{
    /// <summary>The revision in which the upstream answered.</summary>
    public required ProtocolRevision Upstream { get; init; }

    /// <summary>The revision the caller speaks.</summary>
    public required ProtocolRevision Caller { get; init; }

    /// <summary>The method that is answered.</summary>
    public required McpMethod Method { get; init; }

    /// <summary>The caller's raw id; empty keeps the id, as for a result out of the cache, which has none.</summary>
    public ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>The upstream's raw <c>serverInfo</c>, for modern callers of legacy upstreams; empty leaves it out.</summary>
    public ReadOnlyMemory<byte> ServerInfo { get; init; }

    /// <summary>How long the result stays fresh; null keeps what the upstream said, and means "stale at once" where it said nothing.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>Whether everybody may be given the result; null keeps what the upstream said, and means no where it said nothing.</summary>
    public bool? IsPublic { get; init; }
}

/// <summary>What became of a result.</summary>
public enum ResultOutcome : byte
{
    /// <summary>The plan makes it a result of the caller's revision.</summary>
    Translated,

    /// <summary>The upstream asks for input before it goes on, which this caller's revision does by other means.</summary>
    NeedsInput,

    /// <summary>It is of a type that the caller's revision does not know; to the caller it is an invalid answer.</summary>
    UnknownType,
}

/// <summary>Plans how an upstream's response becomes one of the caller's revision. Everything it does not name stays byte for byte.</summary>
public static class ResultTranslator
{
    private static readonly byte[] Complete = "\"complete\""u8.ToArray();
    private static readonly byte[] Private = "\"private\""u8.ToArray();
    private static readonly byte[] Public = "\"public\""u8.ToArray();
    private static readonly byte[] Zero = "0"u8.ToArray();

    /// <summary>Adds the changes to a plan.</summary>
    /// <param name="context">What is known.</param>
    /// <param name="body">The response, or a result that stands alone.</param>
    /// <param name="envelope">Its scan.</param>
    /// <param name="plan">The plan.</param>
    public static ResultOutcome Translate(in ResultContext context, in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(plan);
        if (!envelope.Id.IsNone && !context.Id.IsEmpty)
        {
            plan.ReplaceWith(envelope.Id, context.Id);
        }

        if (envelope.Kind == JsonRpcKind.ErrorResponse)
        {
            TranslateError(context, body, envelope, plan);
            return ResultOutcome.Translated;
        }

        if (!envelope.Result.IsObject)
        {
            return ResultOutcome.Translated;
        }

        return context.Caller.HasResultType ? ToModern(context, body, envelope, plan) : ToLegacy(context, body, envelope, plan);
    }

    private static ResultOutcome ToModern(in ResultContext context, in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan)
    {
        ref readonly var result = ref envelope.Result;
        var changes = default(ChangeList);
        if (result.ResultType.IsNone)
        {
            // Also of a modern upstream that forgot it: absent means complete.
            changes.Add("resultType", Complete);
        }

        if (context.Method.HasCacheHints() && result.IsComplete)
        {
            AddCacheHints(context, result, ref changes);
        }

        var serverInfo = context.Upstream.HasServerInfoInMeta || !envelope.Meta.ServerInfo.IsNone ? default : context.ServerInfo;
        if (!serverInfo.IsEmpty)
        {
            AddServerInfo(serverInfo, body, envelope, plan, ref changes);
        }

        Apply(body, envelope, plan, ref changes);
        return ResultOutcome.Translated;
    }

    private static void AddCacheHints(in ResultContext context, in ResultMembers result, ref ChangeList changes)
    {
        if (context.Ttl is { } ttl)
        {
            changes.Set("ttlMs", Number(Math.Max(0, (long)ttl.TotalMilliseconds)), result.TtlMs);
        }
        else if (result.TtlMs.IsNone)
        {
            changes.Add("ttlMs", Zero);
        }

        if (context.IsPublic is { } isPublic)
        {
            changes.Set("cacheScope", isPublic ? Public : Private, result.CacheScope);
        }
        else if (result.CacheScope.IsNone)
        {
            changes.Add("cacheScope", Private);
        }
    }

    private static void AddServerInfo(
        ReadOnlyMemory<byte> serverInfo, in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan, ref ChangeList changes)
    {
        if (!envelope.Meta.Range.IsNone)
        {
            MemberEditor.Insert(plan, body, envelope.Meta.Range, MemberChange.Set(MetaKeys.ServerInfo, serverInfo));
            return;
        }

        var meta = new ArrayBufferWriter<byte>(serverInfo.Length + 64);
        MemberEditor.WriteNew(meta, MemberChange.Set(MetaKeys.ServerInfo, serverInfo));
        changes.Set("_meta", meta.WrittenMemory, envelope.Meta.IsNull ? envelope.Result.Range : ByteRange.None);
    }

    private static ResultOutcome ToLegacy(in ResultContext context, in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan)
    {
        ref readonly var result = ref envelope.Result;
        if (context.Upstream.HasResultType && !result.IsComplete)
        {
            return result.IsInputRequired ? ResultOutcome.NeedsInput : ResultOutcome.UnknownType;
        }

        var changes = default(ChangeList);
        if (context.Upstream.IsModern)
        {
            changes.Remove("resultType", result.ResultType);
            changes.Remove("ttlMs", result.TtlMs);
            changes.Remove("cacheScope", result.CacheScope);
            if (!envelope.Meta.ServerInfo.IsNone)
            {
                MemberEditor.Apply(plan, body, envelope.Meta.Range, MemberChange.Remove(MetaKeys.ServerInfo));
            }
        }

        if (context.Caller < context.Upstream)
        {
            LegacyShapes.Translate(context, body, envelope, plan, ref changes);
        }

        Apply(body, envelope, plan, ref changes);
        return ResultOutcome.Translated;
    }

    private static void Apply(in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan, ref ChangeList changes)
    {
        if (changes.NeedsReading)
        {
            MemberEditor.Apply(plan, body, envelope.Result.Range, changes.Span);
        }
        else
        {
            MemberEditor.Insert(plan, body, envelope.Result.Range, changes.Span);
        }
    }

    // "Not found" lost its own code in the modern revision. Back, only a resource that is named in the data can have been meant.
    private static void TranslateError(in ResultContext context, in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan)
    {
        if (context.Upstream.HasResourceNotFoundCode == context.Caller.HasResourceNotFoundCode)
        {
            return;
        }

        if (envelope.ErrorCode == McpErrorCodes.ResourceNotFound && !context.Caller.HasResourceNotFoundCode)
        {
            plan.Replace(envelope.ErrorCodeRange, McpErrorCodes.InvalidParams);
        }
        else if (envelope.ErrorCode == McpErrorCodes.InvalidParams && context.Caller.HasResourceNotFoundCode && context.Method == McpMethod.ResourcesRead
            && !RawJson.Member(body, envelope.ErrorData, "uri"u8).IsNone)
        {
            plan.Replace(envelope.ErrorCodeRange, McpErrorCodes.ResourceNotFound);
        }
    }

    private static byte[] Number(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        return digits[..length].ToArray();
    }
}
