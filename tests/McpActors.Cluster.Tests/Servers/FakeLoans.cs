using McpActors.Cluster.Nodes;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>Other nodes that keep what they borrowed until a test says otherwise.</summary>
internal sealed class FakeLoans : ILoans
{
    private volatile bool _givenBack;

    public bool GivenBack { get => _givenBack; set => _givenBack = value; }

    public Task<bool> AreGivenBackAsync(ConnectionId connection, CancellationToken ct) => Task.FromResult(GivenBack);
}
