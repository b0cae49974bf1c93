using System.Buffers;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Protocol.Bridging;

/// <summary>
/// Shapes inside results that came with later revisions, turned into what an older client can read. Only here is the inside of a
/// result read, and only when the caller is older than the upstream.
/// </summary>
internal static class LegacyShapes
{
    internal static void Translate(in ResultContext context, in ReadOnlySequence<byte> body, JsonRpcEnvelope envelope, SplicePlan plan, ref ChangeList changes)
    {
        ref readonly var result = ref envelope.Result;
        switch (context.Method)
        {
            case McpMethod.ToolsCall:
                ReplaceContent(context.Caller, body, result.Content, plan);
                FlattenStructured(context.Caller, body, result, plan, ref changes);
                break;
            case McpMethod.PromptsGet when !result.Messages.IsNone:
                foreach (var message in JsonRpcScanner.Elements(result.Messages.In(body)))
                {
                    ReplaceBlock(context.Caller, body, RawJson.Member(body, Within(result.Messages, message), "content"u8), plan);
                }

                break;
            case McpMethod.ToolsList when !result.Tools.IsNone:
                DropOutputSchemas(context.Caller, body, result.Tools, plan);
                break;
        }
    }

    // Older clients check that it is an object and refuse the whole result otherwise.
    private static void FlattenStructured(
        ProtocolRevision caller, in ReadOnlySequence<byte> body, in ResultMembers result, SplicePlan plan, ref ChangeList changes)
    {
        if (result.StructuredContent.IsNone || caller.AllowsAnyStructuredContent || RawJson.IsObject(body, result.StructuredContent))
        {
            return;
        }

        changes.Remove("structuredContent", result.StructuredContent);
        if (HasText(body, result.Content))
        {
            return;
        }

        var block = TextBlock(result.StructuredContent.In(body).ToArray());
        if (RawJson.FirstByte(body, result.Content) != (byte)'[')
        {
            changes.Set("content", (byte[])[.. "["u8, .. block, .. "]"u8], result.Content);
            return;
        }

        plan.Insert(result.Content.Start + 1, block);
        if (JsonRpcScanner.Elements(result.Content.In(body)).MoveNext())
        {
            plan.Insert(result.Content.Start + 1, ","u8);
        }
    }

    private static bool HasText(in ReadOnlySequence<byte> body, ByteRange content)
    {
        if (RawJson.FirstByte(body, content) != (byte)'[')
        {
            return false;
        }

        foreach (var block in JsonRpcScanner.Elements(content.In(body)))
        {
            if (RawJson.TextEquals(body, RawJson.Member(body, Within(content, block), "type"u8), "text"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static void ReplaceContent(ProtocolRevision caller, in ReadOnlySequence<byte> body, ByteRange content, SplicePlan plan)
    {
        if (caller.HasResourceLinks || RawJson.FirstByte(body, content) != (byte)'[')
        {
            return;
        }

        foreach (var block in JsonRpcScanner.Elements(content.In(body)))
        {
            ReplaceBlock(caller, body, Within(content, block), plan);
        }
    }

    // A text in its place tells the model what it did not get; dropping the block would hide that.
    private static void ReplaceBlock(ProtocolRevision caller, in ReadOnlySequence<byte> body, ByteRange block, SplicePlan plan)
    {
        var type = RawJson.Member(body, block, "type"u8);
        if (!caller.HasAudio && RawJson.TextEquals(body, type, "audio"u8))
        {
            var kind = RawJson.Text(body, RawJson.Member(body, block, "mimeType"u8)) ?? "audio";
            plan.ReplaceWith(block, TextBlock($"[{kind} left out: protocol revision {caller} has no audio content]"));
        }
        else if (!caller.HasResourceLinks && RawJson.TextEquals(body, type, "resource_link"u8))
        {
            var name = RawJson.Text(body, RawJson.Member(body, block, "name"u8)) ?? "resource";
            var uri = RawJson.Text(body, RawJson.Member(body, block, "uri"u8)) ?? "";
            plan.ReplaceWith(block, TextBlock($"[{name}]({uri})"));
        }
    }

    // One tool with an output schema that is no object schema makes an older client refuse the whole list.
    private static void DropOutputSchemas(ProtocolRevision caller, in ReadOnlySequence<byte> body, ByteRange tools, SplicePlan plan)
    {
        if (caller.AllowsAnyStructuredContent || RawJson.FirstByte(body, tools) != (byte)'[')
        {
            return;
        }

        foreach (var element in JsonRpcScanner.Elements(tools.In(body)))
        {
            var tool = Within(tools, element);
            var schema = RawJson.Member(body, tool, "outputSchema"u8);
            if (!schema.IsNone && !RawJson.TextEquals(body, RawJson.Member(body, schema, "type"u8), "object"u8))
            {
                MemberEditor.Apply(plan, body, tool, MemberChange.Remove("outputSchema"));
            }
        }
    }

    private static ByteRange Within(ByteRange outer, ByteRange inner) => new(outer.Start + inner.Start, inner.Length);

    private static byte[] TextBlock(string text) => TextBlock(System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] TextBlock(byte[] text)
    {
        var block = new ArrayBufferWriter<byte>(text.Length + 64);
        using var json = new Utf8JsonWriter(block, JsonRpcWriter.Options);
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        json.Flush();
        return block.WrittenSpan.ToArray();
    }
}
