using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Protocol.Bridging;

/// <summary>What is known when a caller's request is made one for the upstream.</summary>
public readonly record struct RequestContext
{
    /// <summary>The revision the caller speaks.</summary>
    public required ProtocolRevision Caller { get; init; }

    /// <summary>The revision the upstream speaks.</summary>
    public required ProtocolRevision Upstream { get; init; }

    /// <summary>The id on the upstream's wire, and the progress token if the caller wants progress.</summary>
    public required long Id { get; init; }

    /// <summary>
    /// For a legacy caller and a modern upstream: what to declare in the caller's name, a raw object; empty declares nothing. Only what the
    /// gateway can carry between the two belongs here.
    /// </summary>
    public ReadOnlyMemory<byte> ClientCapabilities { get; init; }

    /// <summary>For a legacy caller and a modern upstream: the raw <c>clientInfo</c> of its handshake; empty leaves it out.</summary>
    public ReadOnlyMemory<byte> ClientInfo { get; init; }

    /// <summary>For a legacy caller and a modern upstream: the level it set with <c>logging/setLevel</c>.</summary>
    public string? LogLevel { get; init; }

    /// <summary>Trace context of the gateway's own span; null leaves the caller's.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Goes with <see cref="TraceParent"/>; null leaves the caller's.</summary>
    public string? TraceState { get; init; }

    /// <summary>What is left of the time that the caller gave in <see cref="MetaKeys.TimeoutMs"/>; null where it gave none.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>The upstream's name for what the caller named; null keeps the name.</summary>
    public string? Target { get; init; }
}

/// <summary>Plans how a caller's request becomes one of the upstream's revision. Everything it does not name stays byte for byte.</summary>
public static class RequestTranslator
{
    /// <summary>Adds the changes to a plan.</summary>
    public static void Translate(in RequestContext context, in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(plan);
        if (!envelope.Id.IsNone)
        {
            plan.Replace(envelope.Id, context.Id);
        }

        if (!envelope.Meta.ProgressToken.IsNone)
        {
            plan.Replace(envelope.Meta.ProgressToken, context.Id);
        }

        Rename(context, envelope, plan);
        var changes = default(ChangeList);
        PlanMeta(context, envelope, ref changes);
        if (!changes.IsEmpty)
        {
            Apply(body, envelope, plan, ref changes);
        }
    }

    private static void Rename(in RequestContext context, JsonRpcEnvelope envelope, SplicePlan plan)
    {
        if (context.Target is not { } target)
        {
            return;
        }

        var named = envelope.Target;
        if (named.IsNone && envelope.Method == McpMethod.CompletionComplete)
        {
            named = envelope.Params.ReferenceName.IsNone ? envelope.Params.ReferenceUri : envelope.Params.ReferenceName;
        }

        if (!named.IsNone)
        {
            plan.ReplaceWith(named, RawJson.Quote(target));
        }
    }

    private static void PlanMeta(in RequestContext context, JsonRpcEnvelope envelope, ref ChangeList changes)
    {
        ref readonly var meta = ref envelope.Meta;
        if (meta.HasGatewayKeys)
        {
            // Before the prefix goes: the first change that meets a member counts.
            if (context.Remaining is { } remaining)
            {
                changes.Set(MetaKeys.TimeoutMs, Milliseconds(remaining), meta.Range);
            }

            changes.RemovePrefix("io.mcpactors/");
        }

        if (context.TraceParent is { } trace)
        {
            changes.Set(MetaKeys.TraceParent, RawJson.Quote(trace), meta.TraceParent);
            if (context.TraceState is { } state)
            {
                changes.Set(MetaKeys.TraceState, RawJson.Quote(state), meta.TraceState);
            }
        }

        if (context.Upstream.NeedsRequestMeta)
        {
            DeclareCaller(context, meta, ref changes);
        }
        else
        {
            changes.Remove(MetaKeys.ProtocolVersion, meta.ProtocolVersion);
            changes.Remove(MetaKeys.ClientCapabilities, meta.ClientCapabilities);
            changes.Remove(MetaKeys.ClientInfo, meta.ClientInfo);
            changes.Remove(MetaKeys.LogLevel, meta.LogLevel);
        }
    }

    private static byte[] Milliseconds(TimeSpan time) =>
        System.Text.Encoding.ASCII.GetBytes(((long)Math.Max(1, time.TotalMilliseconds)).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static void DeclareCaller(in RequestContext context, in MetaMembers meta, ref ChangeList changes)
    {
        if (context.Caller.NeedsRequestMeta)
        {
            if (context.Caller != context.Upstream)
            {
                changes.Set(MetaKeys.ProtocolVersion, RawJson.Quote(context.Upstream.Text), meta.ProtocolVersion);
            }

            return;
        }

        // Whatever an old client wrote under these names was not meant as what they mean now.
        changes.Set(MetaKeys.ProtocolVersion, RawJson.Quote(context.Upstream.Text), meta.ProtocolVersion);
        changes.Set(MetaKeys.ClientCapabilities, context.ClientCapabilities.IsEmpty ? "{}"u8.ToArray() : context.ClientCapabilities, meta.ClientCapabilities);
        if (!context.ClientInfo.IsEmpty)
        {
            changes.Set(MetaKeys.ClientInfo, context.ClientInfo, meta.ClientInfo);
        }

        if (context.LogLevel is { } level)
        {
            changes.Set(MetaKeys.LogLevel, RawJson.Quote(level), meta.LogLevel);
        }
    }

    private static void Apply(in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan, ref ChangeList changes)
    {
        ref readonly var parameters = ref envelope.Params;
        if (!envelope.Meta.Range.IsNone)
        {
            if (changes.NeedsReading)
            {
                MemberEditor.Apply(plan, body, envelope.Meta.Range, changes.Span);
            }
            else
            {
                MemberEditor.Insert(plan, body, envelope.Meta.Range, changes.Span);
            }

            return;
        }

        var meta = new ArrayBufferWriter<byte>(256);
        MemberEditor.WriteNew(meta, changes.Span);
        if (parameters.Range.IsNone)
        {
            plan.Insert(envelope.MethodName.End, ",\"params\":{\"_meta\":"u8);
            plan.ReplaceWith(new ByteRange(envelope.MethodName.End, 0), meta.WrittenMemory);
            plan.Insert(envelope.MethodName.End, "}"u8);
        }
        else if (parameters.IsNull)
        {
            plan.Insert(parameters.Range.Start, "{\"_meta\":"u8);
            plan.ReplaceWith(parameters.Range, meta.WrittenMemory);
            plan.Insert(parameters.Range.End, "}"u8);
        }
        else
        {
            var change = MemberChange.Set("_meta", meta.WrittenMemory);
            if (envelope.Meta.IsNull)
            {
                MemberEditor.Apply(plan, body, parameters.Range, change);
            }
            else
            {
                MemberEditor.Insert(plan, body, parameters.Range, change);
            }
        }
    }
}
