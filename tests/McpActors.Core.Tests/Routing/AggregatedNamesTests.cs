using System.Globalization;
using FsCheck;
using FsCheck.Xunit;
using McpActors.Core.Routing;
using McpActors.Core.Servers;

namespace McpActors.Core.Tests.Routing;

public sealed class AggregatedNamesTests
{
    private static readonly ServerId Search = new("search");

    [Theory]
    [InlineData("web_search", "search__web_search")]
    [InlineData("_private", "search___private")]
    [InlineData("a__b", "search__a__b")]
    [InlineData("get-issue", "search__get-issue")]
    public void Name_that_fits_is_shown_unchanged_behind_its_server(string name, string shown)
    {
        AggregatedNames.Expose(Search, name).ShouldBe(shown);
        AggregatedNames.TrySplit(shown, out var server, out var split).ShouldBeTrue();
        (server, split).ShouldBe((Search, name));
        AggregatedNames.MayBeCut(shown).ShouldBeFalse();
    }

    [Theory]
    [InlineData("issues.get", "search__issues_get_3705a427")]
    [InlineData("søk", "search__s_k_e796214a")]
    [InlineData("", "search___5e3975a9")]
    public void Name_with_other_characters_has_a_stable_mended_one(string name, string shown) =>
        AggregatedNames.Expose(Search, name).ShouldBe(shown);

    [Fact]
    public void Long_names_are_cut_and_stay_apart()
    {
        var exact = new string('a', AggregatedNames.MaxLength - "search__".Length);
        AggregatedNames.Expose(Search, exact).ShouldBe("search__" + exact);
        var one = AggregatedNames.Expose(Search, exact + "b");
        var two = AggregatedNames.Expose(Search, exact + "c");
        one.Length.ShouldBe(AggregatedNames.MaxLength);
        two.Length.ShouldBe(AggregatedNames.MaxLength);
        one.ShouldNotBe(two);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("search")]
    [InlineData("search_web")]
    [InlineData("__web")]
    [InlineData("Search__web")]
    [InlineData("mcpactors__web")]
    public void Text_without_a_server_is_no_shown_name(string? shown) => AggregatedNames.TrySplit(shown, out _, out _).ShouldBeFalse();

    [Fact]
    public void Name_that_another_has_taken_gives_way_and_says_so()
    {
        var wanted = AggregatedNames.Expose(Search, "issues.get");
        var rival = wanted["search__".Length..];
        var names = new AggregatedNames(Search, ["issues.get", rival]);
        names.Find(wanted).ShouldBe(rival);
        var collision = names.Collisions.ShouldHaveSingleItem();
        (collision.Name, collision.Wanted).ShouldBe(("issues.get", wanted));
        names.Find(collision.Exposed).ShouldBe("issues.get");
        new AggregatedNames(Search, [rival, "issues.get"]).ExposedAs("issues.get").ShouldBe(collision.Exposed);
    }

    [Fact]
    public void Unknown_names_are_suggested_for_and_not_found()
    {
        var names = new AggregatedNames(Search, ["web_search", "web_fetch"]);
        names.Find("search__web_serch").ShouldBeNull();
        names.Suggest("search__web_serch").ShouldBe("search__web_search");
        names.ExposedAs("web").ShouldBeNull();
    }

    [Property(MaxTest = 2000)]
    public void Every_name_is_shown_once_within_the_rules_and_found_again(NonNull<string>[] parts, byte[] script, byte length)
    {
        var server = new ServerId(new string('s', (length % ServerId.MaxLength) + 1));
        string[] tokens = ["a", ".", "_", "__", "é", " ", "longer_than_others", "😀", "-"];
        var made = script.Select((step, i) => string.Concat(Enumerable.Range(0, (step % 8) + 1).Select(j => tokens[(step + (i * j)) % tokens.Length])));
        List<string> given = [.. parts.Select(part => part.Get), .. made];
        given.AddRange(given.Select(name => AggregatedNames.Expose(server, name)[(server.Value.Length + 2)..]).ToList());
        var names = new AggregatedNames(server, given);
        var distinct = given.Distinct(StringComparer.Ordinal).ToList();
        names.Exposed.Count().ShouldBe(distinct.Count);
        foreach (var name in distinct)
        {
            var shown = names.ExposedAs(name).ShouldNotBeNull();
            shown.Length.ShouldBeLessThanOrEqualTo(AggregatedNames.MaxLength);
            shown.ShouldAllBe(c => char.IsAsciiLetterOrDigit(c) || c == '_' || c == '-');
            names.Find(shown).ShouldBe(name);
            AggregatedNames.TrySplit(shown, out var split, out var rest).ShouldBeTrue();
            split.ShouldBe(server);
            (rest == name || AggregatedNames.MayBeCut(shown)).ShouldBeTrue();
        }

        given.Reverse();
        var reversed = new AggregatedNames(server, given);
        distinct.ShouldAllBe(name => reversed.ExposedAs(name) == names.ExposedAs(name));
    }

    [Fact]
    public void Many_long_names_stay_apart()
    {
        var given = Enumerable.Range(0, 5000).Select(i => new string('x', 80) + i.ToString(CultureInfo.InvariantCulture)).ToList();
        var names = new AggregatedNames(Search, given);
        names.Exposed.Distinct().Count().ShouldBe(5000);
        given.ShouldAllBe(name => names.Find(names.ExposedAs(name)!) == name);
    }
}
