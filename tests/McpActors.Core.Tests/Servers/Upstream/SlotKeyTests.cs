using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;

namespace McpActors.Core.Tests.Servers.Upstream;

public sealed class SlotKeyTests
{
    private static readonly ClientProfile Plain = new(ProtocolRevision.V20250618, "{}"u8.ToArray(), """{"name":"a"}"""u8.ToArray());

    [Fact]
    public void Clients_of_one_principal_share_where_revision_and_capabilities_are_the_same()
    {
        var key = SlotKey.ForPrincipal("anna", Plain);

        SlotKey.ForPrincipal("anna", Plain with { ClientInfo = """{"name":"b"}"""u8.ToArray() }).ShouldBe(key);
        SlotKey.ForPrincipal("anna", Plain with { Capabilities = """{"sampling":{}}"""u8.ToArray() }).ShouldNotBe(key);
        SlotKey.ForPrincipal("anna", Plain with { Revision = ProtocolRevision.V20251125 }).ShouldNotBe(key);
        SlotKey.ForPrincipal("bert", Plain).ShouldNotBe(key);
        SlotKey.ForPrincipal("anna").ShouldNotBe(key);
        key.IsSession.ShouldBeFalse();
    }

    [Fact]
    public void Sessions_of_one_principal_have_one_pooled_slot_and_each_its_own()
    {
        var (one, other) = (Session("a", "anna"), Session("b", "anna"));

        one.PooledSlot.ShouldBe(other.PooledSlot);
        one.Slot.ShouldNotBe(other.Slot);
        Session("c", null).PooledSlot.ShouldBe(SlotKey.ForPrincipal(SessionInfo.Anonymous, Plain));
        (one with { Profile = Plain with { Capabilities = """{"roots":{}}"""u8.ToArray() } }).PooledSlot.ShouldNotBe(one.PooledSlot);
    }

    private static SessionInfo Session(string id, string? principal) =>
        new() { Id = id, Route = "files", Profile = Plain, Principal = principal, CreatedAt = DateTimeOffset.UnixEpoch };
}
