namespace McpActors.Core.Servers.Lease;

/// <summary>What nodes and the actor of a server say to each other about leases. Either may be lost, late or come twice.</summary>
public static class LeaseProtocol
{
    /// <summary>A node's report, to the server's actor. Answered by <see cref="Tell"/> if at all.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Said">The report.</param>
    public sealed record Report(ServerId Server, LeaseReport Said) : IServerCommand;

    /// <summary>The actor's word to a node, asked for or not.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Grant">The lease as it is from now on.</param>
    public sealed record Tell(ServerId Server, LeaseGrant Grant) : IServerReply, IWithServerId;
}
