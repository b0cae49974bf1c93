using McpActors.Core.Configuration;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Routing;
using McpActors.Core.Servers;

namespace McpActors.Core.Tests.Routing;

public sealed class RouteTableTests
{
    private readonly RouteTable _table = new(
        new[] { "search", "files", "everything" }.Select(id => new ServerRoute(
            new ServerModel { Id = new ServerId(id), Title = id, Transport = ServerTransport.Http, Revision = "1" }, SourceName.File)),
        3,
        "hash");

    [Fact]
    public void Server_is_found_by_any_text_that_is_its_id()
    {
        _table.TryFind("files", out var server).ShouldBeTrue();
        server!.Id.Value.ShouldBe("files");
        _table.TryFind("Files", out _).ShouldBeFalse();
        _table.TryFind("../files", out _).ShouldBeFalse();
        _table.TryFind("", out _).ShouldBeFalse();
        _table.Servers.Select(known => known.Id.Value).ShouldBe(["everything", "files", "search"]);
        _table.Find(default).ShouldBeNull();
    }

    [Theory]
    [InlineData("serach", "search")]
    [InlineData("file", "files")]
    [InlineData("EVERYTHING", "everything")]
    [InlineData("postgres", null)]
    [InlineData("", null)]
    public void Nearest_name_is_suggested_when_one_is_near(string given, string? expected) => _table.Suggest(given).ShouldBe(expected);

    [Fact]
    public void Absurdly_long_name_is_not_measured() => _table.Suggest(new string('x', 100_000)).ShouldBeNull();
}
