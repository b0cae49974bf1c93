using McpActors.Core.Discovery;

namespace McpActors.Core.Tests.Discovery;

public sealed class NodeRevisionTests
{
    [Theory]
    [InlineData(null, "own", "own", null, RevisionStanding.Waiting)]
    [InlineData("", "own", "own", null, RevisionStanding.InStep)]
    [InlineData("new", "new", "new", null, RevisionStanding.InStep)]
    [InlineData("new", "new", "own", null, RevisionStanding.FileDiffers)]
    [InlineData("new", "old", "own", null, RevisionStanding.Behind)]
    [InlineData("new", "old", "own", "new", RevisionStanding.Unreadable)]
    [InlineData("new", "old", "own", "older", RevisionStanding.Behind)]
    public void Node_stands_as_its_hashes_say(string? agreed, string runs, string own, string? unreadable, RevisionStanding standing) =>
        NodeRevision.Judge(agreed, runs, own, unreadable).ShouldBe(standing);

    [Fact]
    public void What_a_node_tells_of_itself_stays_small()
    {
        var told = new NodeRevision("a", 1, "new", "old", "old", RevisionStanding.Unreadable) { Faults = [.. Enumerable.Repeat(new string('x', 10_000), 1_000)] };

        told.Faults.Sum(fault => fault.Length).ShouldBeLessThan(16 * 1024);
        told.Reason.ShouldNotBeNull();
    }
}
