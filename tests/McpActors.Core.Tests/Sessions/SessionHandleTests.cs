using McpActors.Core.Sessions;

namespace McpActors.Core.Tests.Sessions;

public sealed class SessionHandleTests
{
    [Fact]
    public void Handle_is_the_beginning_of_the_hash_and_shows_nothing_of_the_id()
    {
        var handle = SessionHandle.Of("abc");

        handle.ShouldBe("ba7816bf8f01cfea");
        SessionHandle.IsWellFormed(handle).ShouldBeTrue();
        SessionHandle.Of("abd").ShouldNotBe(handle);
        SessionHandle.Of(new string('x', 1000)).Length.ShouldBe(SessionHandle.Length);
    }

    [Fact]
    public void Name_begins_with_the_handle_and_shows_nothing_of_the_id_either()
    {
        var name = SessionHandle.NameOf("abc");

        name.ShouldBe("ba7816bf8f01cfea414140de5dae2223");
        SessionHandle.OfName(name).ShouldBe(SessionHandle.Of("abc"));
        SessionHandle.IsName(name).ShouldBeTrue();
        SessionHandle.IsName("0123456789012345678901234567890123456789012").ShouldBeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ba7816bf8f01cfe")]
    [InlineData("BA7816BF8F01CFEA")]
    [InlineData("ba7816bf8f01cfeg")]
    public void Anything_else_is_no_handle(string? text) => SessionHandle.IsWellFormed(text).ShouldBeFalse();
}
