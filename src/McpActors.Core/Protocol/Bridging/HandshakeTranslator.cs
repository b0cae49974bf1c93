using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Protocol.Bridging;

/// <summary>What a server says of itself, whichever handshake it said it in. Raw JSON objects.</summary>
public readonly record struct ServerDescription
{
    /// <summary>The revision in which it said it.</summary>
    public required ProtocolRevision Revision { get; init; }

    /// <summary>Its capabilities; empty means none.</summary>
    public ReadOnlyMemory<byte> Capabilities { get; init; }

    /// <summary>Its name and version; empty means unknown.</summary>
    public ReadOnlyMemory<byte> ServerInfo { get; init; }

    /// <summary>Its advice to the model.</summary>
    public string? Instructions { get; init; }

    /// <summary>Whether the gateway can bring its change notifications to this caller; otherwise they are not offered.</summary>
    public bool DeliversChanges { get; init; }
}

/// <summary>Answers <c>initialize</c> and <c>server/discover</c> from what is known of a server, in the words of the caller's revision. Rare and small, so it may use a tree.</summary>
public static class HandshakeTranslator
{
    /// <summary>Writes the <c>result</c> of <c>initialize</c>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="self">What is known of the server.</param>
    /// <param name="negotiated">The revision agreed upon; see <see cref="ProtocolRevision.Negotiate"/>.</param>
    public static void WriteInitializeResult(IBufferWriter<byte> writer, in ServerDescription self, ProtocolRevision negotiated)
    {
        using var json = new Utf8JsonWriter(writer, JsonRpcWriter.Options);
        json.WriteStartObject();
        json.WriteString("protocolVersion"u8, negotiated.Text);
        json.WritePropertyName("capabilities"u8);
        Capabilities(self, negotiated).WriteTo(json);
        json.WritePropertyName("serverInfo"u8);
        WriteServerInfo(json, self);
        WriteInstructions(json, self);
        json.WriteEndObject();
    }

    /// <summary>Writes the <c>result</c> of <c>server/discover</c>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="self">What is known of the server.</param>
    /// <param name="ttl">How long it may be taken for current.</param>
    /// <param name="isPublic">Whether everybody gets the same.</param>
    public static void WriteDiscoverResult(IBufferWriter<byte> writer, in ServerDescription self, TimeSpan ttl, bool isPublic)
    {
        using var json = new Utf8JsonWriter(writer, JsonRpcWriter.Options);
        json.WriteStartObject();
        json.WriteString("resultType"u8, "complete"u8);
        json.WriteStartArray("supportedVersions"u8);
        foreach (var revision in ProtocolRevision.Discoverable)
        {
            json.WriteStringValue(revision.Text);
        }

        json.WriteEndArray();
        json.WritePropertyName("capabilities"u8);
        Capabilities(self, ProtocolRevision.NewestModern).WriteTo(json);
        WriteInstructions(json, self);
        json.WriteNumber("ttlMs"u8, Math.Max(0, (long)ttl.TotalMilliseconds));
        json.WriteString("cacheScope"u8, isPublic ? "public"u8 : "private"u8);
        json.WriteStartObject("_meta"u8);
        json.WritePropertyName(MetaKeys.ServerInfo);
        WriteServerInfo(json, self);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Capabilities as a caller of that revision may be told them.</summary>
    private static JsonObject Capabilities(in ServerDescription self, ProtocolRevision caller)
    {
        var capabilities = self.Capabilities.IsEmpty ? [] : JsonNode.Parse(self.Capabilities.Span) as JsonObject ?? [];
        if (!caller.HasExtensions)
        {
            capabilities.Remove("extensions");
        }

        if (caller.IsModern != self.Revision.IsModern || !caller.HasCoreTasks)
        {
            // Tasks work differently in the two eras and are not carried from one to the other.
            capabilities.Remove("tasks");
        }

        if (!self.DeliversChanges)
        {
            foreach (var (_, value) in capabilities)
            {
                (value as JsonObject)?.Remove("listChanged");
                (value as JsonObject)?.Remove("subscribe");
            }
        }

        return capabilities;
    }

    private static void WriteServerInfo(Utf8JsonWriter json, in ServerDescription self)
    {
        if (!self.ServerInfo.IsEmpty)
        {
            json.WriteRawValue(self.ServerInfo.Span, skipInputValidation: true);
            return;
        }

        json.WriteStartObject();
        json.WriteString("name"u8, "unknown"u8);
        json.WriteString("version"u8, "0"u8);
        json.WriteEndObject();
    }

    private static void WriteInstructions(Utf8JsonWriter json, in ServerDescription self)
    {
        if (self.Instructions is { Length: > 0 } instructions)
        {
            json.WriteString("instructions"u8, instructions);
        }
    }
}
