using System.Buffers.Text;
using System.Text;
using FsCheck.Xunit;
using McpActors.Core.Servers.Catalogue;
using McpActors.Gateway.Front.Aggregate;

namespace McpActors.Gateway.Tests.Front.Aggregate;

public sealed class AggregateCursorTests
{
    [Fact]
    public void A_cursor_comes_back_as_it_went_out()
    {
        var cursor = new AggregateCursor(ListKind.Prompts, "a-server-of-24-character", int.MaxValue);
        var text = cursor.Encode();
        text.Length.ShouldBeLessThan(96);
        AggregateCursor.TryDecode(text, ListKind.Prompts, out var back).ShouldBeTrue();
        back.ShouldBe(cursor);
    }

    [Fact]
    public void A_cursor_of_another_list_is_refused() =>
        AggregateCursor.TryDecode(new AggregateCursor(ListKind.Prompts, "a", 1).Encode(), ListKind.Tools, out _).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("1.0.0.")]
    [InlineData("2.0.0.a")]
    [InlineData("1.0.-1.a")]
    [InlineData("1.0.99999999999.a")]
    [InlineData("1.0")]
    public void Forged_cursors_are_refused(string content) =>
        AggregateCursor.TryDecode(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(content)), ListKind.Tools, out _).ShouldBeFalse();

    [Property]
    public void Nothing_a_client_sends_throws(string? text) =>
        Should.NotThrow(() => AggregateCursor.TryDecode(text ?? "", ListKind.Tools, out _));
}
