using FsCheck;
using FsCheck.Xunit;
using McpActors.Core.Servers;

namespace McpActors.Core.Tests.Servers;

public sealed class ServerIdTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0-a")]
    [InlineData("abcdefghijklmnopqrstuvwx")]
    public void An_id_is_taken(string text) => ServerId.TryParse(text, out _).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("A")]
    [InlineData("a_b")]
    [InlineData("a.b")]
    [InlineData("mcpactors")]
    [InlineData("abcdefghijklmnopqrstuvwxy")]
    [InlineData("é")]
    public void Anything_else_is_not(string text) => ServerId.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("search", "search")]
    [InlineData("My Server!", "my-server")]
    [InlineData("@scope/server_name", "scope-server-name")]
    [InlineData("mcpactors", "server-mcpactors")]
    public void A_name_becomes_an_id(string name, string id) => ServerId.FromName(name).Value.ShouldBe(id);

    [Fact]
    public void Long_names_with_one_beginning_stay_apart()
    {
        var one = ServerId.FromName("a-very-long-name-of-a-server-one").Value;
        var two = ServerId.FromName("a-very-long-name-of-a-server-two").Value;

        one.ShouldStartWith("a-very-long-name-of-");
        one.ShouldNotBe(two);
    }

    [Property]
    public bool Any_name_becomes_an_id_and_always_the_same_one(NonNull<string> name) =>
        ServerId.IsValid(ServerId.FromName(name.Get).Value) && ServerId.FromName(name.Get) == ServerId.FromName(name.Get);
}
