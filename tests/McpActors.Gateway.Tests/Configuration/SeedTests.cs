namespace McpActors.Gateway.Tests.Configuration;

/// <summary>Seeds are addresses of nodes, or names to look up; what cannot work is a fault before anything starts.</summary>
public sealed class SeedTests
{
    [Theory]
    [InlineData("seeds: nodes.example, bind: \"127.0.0.1:4053\"")]
    [InlineData("seeds: [ a.example, b.example ], bind: \"127.0.0.1:4053\", requiredSeeds: 3")]
    [InlineData("seeds: nodes.example, bind: \"*:4053\", insecure: true")]
    [InlineData("seeds: nodes.example, bind: \"0.0.0.0:4053\", advertise: \"10.0.0.7:4053\", insecure: true")]
    [InlineData("seeds: [ \"node-1:4053\", \"10.0.0.2:4053\" ]")]
    public void Seeds_that_work_are_taken(string cluster) => Loading.Yaml($"cluster: {{ {cluster} }}").Faults.ShouldBeEmpty();

    [Theory]
    [InlineData("seeds: [ nodes.example, \"node-1:4053\" ], bind: \"127.0.0.1:4053\"", "cluster.seeds", "DNS names everywhere")]
    [InlineData("seeds: nodes.example, bind: \"127.0.0.1:4053\", advertise: \"node-1:4053\"", "cluster.advertise", "an IP address")]
    [InlineData("seeds: nodes.example, bind: \"localhost:4053\"", "cluster.bind", "an IP address")]
    [InlineData("seeds: nodes.example, bind: \"127.0.0.1:0\"", "cluster.bind", "a port")]
    [InlineData("seeds: nodes.example, bind: \"127.0.0.1:4053\", requiredSeeds: 0", "cluster.requiredSeeds", "from 1")]
    public void Seeds_that_cannot_work_are_a_fault(string cluster, string path, string expected)
    {
        var fault = Loading.Faults($"cluster: {{ {cluster} }}").ShouldHaveSingleItem();

        fault.ShouldContain(path);
        fault.ShouldContain(expected);
    }
}
