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

    /// <summary>
    /// A new actor asks each node what it holds of its predecessor's permits. Answered by a <see cref="Report"/>, or by <see cref="HoldsNone"/>.
    /// </summary>
    /// <param name="Server">The server.</param>
    /// <param name="Owner">The actor's incarnation.</param>
    public sealed record WhoHolds(ServerId Server, long Owner) : IWithServerId;

    /// <summary>A node has no lease of this server.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Node">The life of the node.</param>
    public sealed record HoldsNone(ServerId Server, int Node) : IServerCommand;
}
