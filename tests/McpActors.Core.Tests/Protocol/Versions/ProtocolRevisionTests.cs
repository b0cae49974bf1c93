using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Tests.Protocol.Versions;

public sealed class ProtocolRevisionTests
{
    [Fact]
    public void Revisions_are_ordered_by_age_and_round_trip_through_their_text()
    {
        ProtocolRevision.All.ShouldBe(ProtocolRevision.All.Order());
        ProtocolRevision.All.Select(revision => ProtocolRevision.Parse(revision.Text)).ShouldBe(ProtocolRevision.All);
        ProtocolRevision.TryParse("2026-07-29", out _).ShouldBeFalse();
        ProtocolRevision.TryParse(null, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2024-11-05", "2024-11-05")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2026-07-28", "2025-11-25")]
    [InlineData("1.0", "2025-11-25")]
    [InlineData(null, "2025-11-25")]
    public void Initialize_echoes_a_legacy_revision_and_else_offers_the_newest_one(string? asked, string answered) =>
        ProtocolRevision.Negotiate(asked).Text.ShouldBe(answered);

    [Fact]
    public void The_two_eras_share_no_revision()
    {
        ProtocolRevision.Discoverable.ShouldAllBe(revision => revision.IsModern && revision.IsStateless && !revision.HasSessions && revision.DisconnectCancels);
        ProtocolRevision.Negotiable.ShouldAllBe(revision => revision.IsLegacy && !revision.HasResultType && revision.HasServerRequests);
        ProtocolRevision.All.Single(revision => revision.AllowsBatches).Text.ShouldBe("2025-03-26");
    }
}
