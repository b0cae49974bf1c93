namespace McpActors.Core.Servers.Bundles;

/// <summary>
/// What a node and the actor of a server on another node say to each other about calls, several things in one message. Each of them means what it means
/// alone, in the order in which it was said.
/// </summary>
public static class BundleProtocol
{
    /// <summary>A node's questions and reports.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Number">Comes back with <see cref="Answered"/>; 0 where nothing is asked and nothing is to be answered.</param>
    /// <param name="Commands">The commands about calls, in order.</param>
    public sealed record Said(ServerId Server, long Number, IReadOnlyList<IServerCommand> Commands) : IServerCommand;

    /// <summary>The actor's answers, as far as there are any yet; those that take longer follow in messages of their own.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Number">The message that this answers; 0: it answers none, and brings what is late.</param>
    /// <param name="Answers">Answers, each with its call.</param>
    public sealed record Answered(ServerId Server, long Number, IReadOnlyList<CallAnswer> Answers) : IServerReply, IWithServerId;
}

/// <summary>The answer to a question about one call.</summary>
/// <param name="Call">The call.</param>
/// <param name="Reply">The answer.</param>
public readonly record struct CallAnswer(CallId Call, IServerReply Reply);
