using System.Buffers;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Transports.Handshake;

/// <summary>The messages by which a connection is opened.</summary>
internal static class HandshakeMessages
{
    private const string MetaVersion = "io.modelcontextprotocol/protocolVersion";
    private const string MetaCapabilities = "io.modelcontextprotocol/clientCapabilities";
    private const string MetaClientInfo = "io.modelcontextprotocol/clientInfo";

    /// <summary>Ends the legacy handshake.</summary>
    public static ReadOnlySequence<byte> Initialized { get; } =
        new("""{"jsonrpc":"2.0","method":"notifications/initialized"}"""u8.ToArray());

    /// <summary><c>server/discover</c>: asks a modern server about itself. It has no side effects, so it is the probe.</summary>
    public static UpstreamRequest Discover(long id, ProtocolRevision revision, ClientIdentity identity) => Request(id, McpMethod.ServerDiscover, json =>
    {
        json.WriteStartObject("_meta"u8);
        json.WriteString(MetaVersion, revision.Text);
        json.WritePropertyName(MetaCapabilities);
        json.WriteRawValue(identity.Capabilities.Span);
        json.WritePropertyName(MetaClientInfo);
        json.WriteRawValue(identity.Info.Span);
        json.WriteEndObject();
    });

    /// <summary><c>initialize</c>: opens a legacy session.</summary>
    public static UpstreamRequest Initialize(long id, ProtocolRevision revision, ClientIdentity identity) => Request(id, McpMethod.Initialize, json =>
    {
        json.WriteString("protocolVersion"u8, revision.Text);
        json.WritePropertyName("capabilities"u8);
        json.WriteRawValue(identity.Capabilities.Span);
        json.WritePropertyName("clientInfo"u8);
        json.WriteRawValue(identity.Info.Span);
    });

    private static UpstreamRequest Request(long id, McpMethod method, Action<Utf8JsonWriter> writeParams)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc"u8, "2.0"u8);
            json.WriteNumber("id"u8, id);
            json.WriteString("method"u8, method.Utf8());
            json.WriteStartObject("params"u8);
            writeParams(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new UpstreamRequest { Body = new ReadOnlySequence<byte>(body.WrittenMemory), Id = id, Method = method };
    }
}

/// <summary>Whom a connection is opened for: a client, or the gateway itself.</summary>
/// <param name="Capabilities">A JSON object in UTF-8.</param>
/// <param name="Info">A JSON object in UTF-8.</param>
internal readonly record struct ClientIdentity(ReadOnlyMemory<byte> Capabilities, ReadOnlyMemory<byte> Info)
{
    /// <summary>The client of the profile, or the gateway where there is none.</summary>
    public static ClientIdentity Of(Core.Servers.Upstream.ClientProfile? profile) => profile is null
        ? new ClientIdentity(GatewayIdentity.Capabilities, GatewayIdentity.ClientInfo)
        : new ClientIdentity(profile.Capabilities, profile.ClientInfo);
}
