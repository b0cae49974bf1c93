using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;

namespace McpActors.Core.Tests.Discovery.Sources;

public sealed class FileStatusesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);
    private static readonly DiscoveredFile Good = new("/a/mcp.json") { Servers = [new ServerId("x")], Outranked = [new ServerId("y")] };
    private static readonly DiscoveredFile Broken = Good with { Outranked = [], Faults = [new("/a/mcp.json", 3, 5, "", "no valid JSON"), new("/a/mcp.json", 4, 1, "", "more")], IsKept = true };

    [Fact]
    public void A_broken_file_shows_file_line_and_rule_and_what_it_says_still()
    {
        var status = Look(Look([], Good, 0), Broken, 1)[Good.Source];

        status.LastError.ShouldBe("/a/mcp.json:3:5: no valid JSON (and 1 more)");
        (status.Servers, status.Failures, status.LastSuccess, status.LastErrorAt).ShouldBe((1, 1, Start, Start.AddMinutes(1)));
    }

    [Fact]
    public void What_did_not_change_stays_as_it_is_and_a_mended_file_shows_no_error()
    {
        var good = Look([], Good, 0);
        Look(good, Good, 1)[Good.Source].ShouldBeSameAs(good[Good.Source]);
        var broken = Look(good, Broken, 2);
        Look(broken, Broken, 3)[Good.Source].ShouldBeSameAs(broken[Good.Source]);

        var mended = Look(broken, Good, 4)[Good.Source];

        (mended.Servers, mended.Failures, mended.LastError, mended.LastSuccess).ShouldBe((2, 0, "", Start.AddMinutes(4)));
    }

    [Fact]
    public void A_file_that_is_not_listed_any_more_has_no_status() => FileStatuses.Next(Look([], Good, 0), [], "n:1", Start).ShouldBeEmpty();

    [Fact]
    public void Its_servers_are_claims_of_the_file_and_of_two_files_the_first_listed_comes_first()
    {
        var second = new DiscoveredFile("/home/me/.mcp/a.json") { Outranked = [new ServerId("x")] };
        var model = ServerDefinitions.Read(new ServerId("x"), """{"url":"http://x/"}"""u8, ServerDefinition.Default, out _)!;
        var discovery = new DiscoveryOptions { Files = ["/a/mcp.json", "~/.mcp/a.json"] };
        var file = new CatalogueFile([model], "") { Discovered = [Good, second], Configuration = GatewayConfiguration.Default with { Discovery = discovery } };

        var merged = CatalogueMerge.Merge(file, [], 1, new ServerDefinitionReader());

        merged.Table.FindRoute(new ServerId("x"))!.Source.ShouldBe(Good.Source);
        merged.Claims.Select(claim => $"{claim.Id} {claim.Source.Name} {claim.Standing}")
            .ShouldBe(["x /a/mcp.json InForce", "x /home/me/.mcp/a.json Outranked", "y /a/mcp.json Outranked"]);
        CatalogueMerge.RankOf(Good.Source, discovery).Listed.ShouldBe(0);
        CatalogueMerge.RankOf(second.Source, discovery).Listed.ShouldBe(1);
    }

    private static Dictionary<SourceName, SourceStatus> Look(Dictionary<SourceName, SourceStatus> before, DiscoveredFile file, int minutes) =>
        new(FileStatuses.Next(before, [file], "n:1", Start.AddMinutes(minutes)));
}
