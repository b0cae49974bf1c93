using System.Text;
using FsCheck.Xunit;
using McpActors.Core.Discovery.Registries;

namespace McpActors.Core.Tests.Discovery.Registries;

public sealed class RegistryListingTests
{
    [Fact]
    public void Pages_are_gathered_and_the_last_one_says_so()
    {
        var first = Page("""{"servers":[{"server":{"name":"a.b/one"}},{"server":{"name":"bad name"}},7],"metadata":{"nextCursor":"x","count":3}}""");
        var last = Page("""{"servers":[{"server":{"name":"a.b/two"}}],"metadata":{}}""");
        var listing = new RegistryListing([]);
        listing.Add(first);
        listing.Add(last);

        first.NextCursor.ShouldBe("x");
        last.NextCursor.ShouldBeNull();
        listing.Unreadable.ShouldBe(2);
        listing.Servers(ApprovalMode.Auto).Select(server => server.Name).ShouldBe(["a.b/one", "a.b/two"]);
    }

    [Fact]
    public void Of_several_versions_the_latest_counts_and_deleted_servers_are_gone()
    {
        const string notes = "io.modelcontextprotocol.registry/official";
        var listing = new RegistryListing(["a.*"]);
        listing.Add(Page($$"""
            {"servers":[
              {"server":{"name":"a.b/x","version":"2"},"_meta":{"{{notes}}":{"isLatest":true,"publishedAt":"2026-01-01T00:00:00Z"} } },
              {"server":{"name":"a.b/x","version":"1"},"_meta":{"{{notes}}":{"isLatest":false,"publishedAt":"2026-02-01T00:00:00Z"} } },
              {"server":{"name":"a.b/gone","version":"1"},"_meta":{"{{notes}}":{"status":"deleted"} } },
              {"server":{"name":"c.d/other"} }]}
            """));

        listing.Servers(ApprovalMode.Auto).Select(server => $"{server.Name} {server.Version}").ShouldBe(["a.b/x 2"]);
    }

    [Fact]
    public void More_servers_than_are_taken_is_a_fault_that_says_what_to_do()
    {
        var names = string.Join(',', Enumerable.Range(0, RegistryListing.MostServers + 1).Select(i => $$"""{"server":{"name":"a.b/s{{i}}"} }"""));

        Should.Throw<FormatException>(() => new RegistryListing([]).Add(Page($$"""{"servers":[{{names}}]}"""))).Message.ShouldContain("narrow 'include'");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html>")]
    public void What_is_no_page_is_refused(string text) => Should.Throw<FormatException>(() => Page(text));

    [Theory]
    [InlineData("io.github.acme/*", "io.github.acme/files", true)]
    [InlineData("io.github.acme/*", "IO.GitHub.Acme/files", true)]
    [InlineData("io.github.acme/*", "io.github.acme.evil/files", false)]
    [InlineData("*/files", "a.b/files", true)]
    [InlineData("a*b*c", "axxbyybzzc", true)]
    [InlineData("a*b*c", "axxbyybzz", false)]
    [InlineData("", "a", false)]
    [InlineData("*", "anything/at.all", true)]
    public void Patterns_match_the_whole_name(string pattern, string name, bool matches) => RegistryName.Matches(pattern, name).ShouldBe(matches);

    /// <summary>Any text over a small alphabet: the same as the obvious recursive definition.</summary>
    [Property(MaxTest = 2000)]
    public void Pattern_matching_is_what_its_definition_says(byte[] pattern, byte[] name)
    {
        var p = string.Concat((pattern ?? []).Take(8).Select(b => "ab*"[b % 3]));
        var n = string.Concat((name ?? []).Take(8).Select(b => "ab"[b % 2]));
        RegistryName.Matches(p, n).ShouldBe(Defined(p, n), $"'{p}' on '{n}'");

        static bool Defined(string p, string n) => p.Length == 0
            ? n.Length == 0
            : p[0] == '*' ? Defined(p[1..], n) || (n.Length > 0 && Defined(p, n[1..])) : n.Length > 0 && p[0] == n[0] && Defined(p[1..], n[1..]);
    }

    [Fact]
    public void Only_a_list_that_chooses_is_a_choice()
    {
        RegistryName.IsChoice([]).ShouldBeFalse();
        RegistryName.IsChoice(["a.b/*", "*"]).ShouldBeFalse();
        RegistryName.IsChoice(["a.b/*"]).ShouldBeTrue();
        RegistryName.SearchText(["io.acme/*"]).ShouldBe("io.acme/");
        RegistryName.SearchText(["a.b/x", "c.d/y"]).ShouldBeNull();
    }

    private static RegistryPage Page(string json) => RegistryPageReader.Read(Encoding.UTF8.GetBytes(json));
}
