using System.Text;
using McpActors.Core.Discovery;

namespace McpActors.Core.Tests.Discovery;

public sealed class RevisionContentTests
{
    [Fact]
    public void What_is_packed_comes_back_and_what_is_damaged_does_not()
    {
        var text = Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"server-{i}")));
        var content = RevisionContent.Pack(text);

        content.Packed.Length.ShouldBeLessThan(text.Length / 3);
        content.Unpack().ShouldBe(text);
        Damaged(content with { Hash = "0" });
        Damaged(content with { Packed = content.Packed[..^20] });
        Damaged(content with { Packed = text });
    }

    private static void Damaged(RevisionContent content) => Should.Throw<InvalidDataException>(() => content.Unpack());
}
