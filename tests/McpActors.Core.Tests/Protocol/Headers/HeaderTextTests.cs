using System.Text;
using FsCheck;
using FsCheck.Xunit;
using McpActors.Core.Protocol.Headers;

namespace McpActors.Core.Tests.Protocol.Headers;

public sealed class HeaderTextTests
{
    [Theory]
    [InlineData("us-west1", "us-west1")]
    [InlineData("", "")]
    [InlineData("a b\tc", "a b\tc")]
    [InlineData("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?=")]
    [InlineData(" padded ", "=?base64?IHBhZGRlZCA=?=")]
    [InlineData("line1\nline2", "=?base64?bGluZTEKbGluZTI=?=")]
    [InlineData("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=")]
    [InlineData("=?base64?=", "=?base64?PT9iYXNlNjQ/PQ==?=")]
    [InlineData("=?BASE64?literal?=", "=?BASE64?literal?=")]
    [InlineData("=?base64?literal", "=?base64?literal")]
    public void Text_is_encoded_as_the_specification_shows(string text, string header)
    {
        HeaderText.Encode(text).ShouldBe(header);
        HeaderText.TryDecode(header, out var decoded).ShouldBeTrue();
        decoded.ShouldBe(text);
    }

    [Theory]
    [InlineData("=?base64?%%%?=")]
    [InlineData("=?base64?YQ?=")]
    [InlineData("=?base64?YR==?=")]
    [InlineData("=?base64?Y Q==?=")]
    [InlineData("=?base64?YQ==YQ==?=")]
    [InlineData("=?base64?_-8=?=")]
    [InlineData("=?base64?/w==?=")]
    [InlineData("=?base64?7aCA?=")]
    [InlineData("line1\nline2")]
    [InlineData("\u007f")]
    [InlineData("é")]
    public void What_is_not_exact_is_refused(string header) => HeaderText.TryDecode(header, out _).ShouldBeFalse();

    [Theory]
    [InlineData(" \ta\t ", "a")]
    [InlineData("\t=?base64?YQ==?= ", "a")]
    [InlineData("=?base64??=", "")]
    [InlineData("=?base64?=", "=?base64?=")]
    [InlineData("  ", "")]
    public void Blanks_around_the_value_do_not_count(string header, string text)
    {
        HeaderText.TryDecode(header, out var decoded).ShouldBeTrue();
        decoded.ShouldBe(text);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_text() => Should.Throw<EncoderFallbackException>(() => HeaderText.Encode("a\ud800"));

    [Property(MaxTest = 2000)]
    public void Any_text_comes_back_from_a_header_that_may_be_sent(byte[] script)
    {
        string[] tokens = ["a", " ", "\t", "\n", "\0", "é", "😀", "=?", "base64?", "?=", "\u007f", "YQ=="];
        var text = string.Concat(script.Select(step => tokens[step % tokens.Length]));
        var header = HeaderText.Encode(text);
        header.ShouldAllBe(c => c == '\t' || (c >= ' ' && c <= '~'));
        header.Trim(' ', '\t').ShouldBe(header);
        HeaderText.TryDecode(header, out var decoded).ShouldBeTrue();
        decoded.ShouldBe(text);
    }

    [Property(MaxTest = 2000)]
    public void No_two_headers_carry_one_wrapped_text(NonNull<string> inner)
    {
        var header = $"=?base64?{inner.Get}?=";
        if (HeaderText.TryDecode(header, out var text))
        {
            Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).ShouldBe(inner.Get);
        }
        else
        {
            text.ShouldBeNull();
        }
    }
}
