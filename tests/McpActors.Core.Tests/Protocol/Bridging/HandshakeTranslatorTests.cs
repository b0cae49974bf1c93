using System.Buffers;
using System.Text;
using McpActors.Core.Protocol.Bridging;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Tests.Protocol.Bridging;

public sealed class HandshakeTranslatorTests
{
    private static readonly ServerDescription Legacy = new()
    {
        Revision = ProtocolRevision.V20251125,
        Capabilities = """{"tools":{"listChanged":true},"resources":{"subscribe":true},"tasks":{},"experimental":{"x":{}}}"""u8.ToArray(),
        ServerInfo = """{"name":"s","version":"1"}"""u8.ToArray(),
        Instructions = "Be kind.",
        DeliversChanges = true,
    };

    private static readonly ServerDescription Modern = Legacy with
    {
        Revision = ProtocolRevision.V20260728,
        Capabilities = """{"tools":{"listChanged":true},"extensions":{"io.modelcontextprotocol/tasks":{}}}"""u8.ToArray(),
    };

    [Fact]
    public void A_legacy_server_can_be_discovered() =>
        Discover(Legacy).ShouldBe("""{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},"experimental":{"x":{}}},"instructions":"Be kind.","ttlMs":5000,"cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}}""");

    [Fact]
    public void A_modern_server_can_be_initialized() =>
        Initialize(Modern, ProtocolRevision.V20250618).ShouldBe("""{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"s","version":"1"},"instructions":"Be kind."}""");

    [Fact]
    public void Within_an_era_capabilities_stay()
    {
        Initialize(Legacy, ProtocolRevision.V20251125).ShouldContain("\"tasks\":{}");
        Discover(Modern).ShouldContain("\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}");
    }

    [Fact]
    public void Changes_that_cannot_be_delivered_are_not_offered() =>
        Discover(Legacy with { DeliversChanges = false }).ShouldContain("""{"tools":{},"resources":{},"experimental":{"x":{}}}""");

    private static string Discover(ServerDescription server)
    {
        var writer = new ArrayBufferWriter<byte>();
        HandshakeTranslator.WriteDiscoverResult(writer, server, TimeSpan.FromSeconds(5), isPublic: false);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }

    private static string Initialize(ServerDescription server, ProtocolRevision negotiated)
    {
        var writer = new ArrayBufferWriter<byte>();
        HandshakeTranslator.WriteInitializeResult(writer, server, negotiated);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
