namespace McpActors.Cluster.Feed;

/// <summary>What a transition is about; on the wire and in the live feed by its name.</summary>
public enum TransitionKind
{
    /// <summary>The circuit of a server.</summary>
    Circuit,

    /// <summary>The health of a server.</summary>
    Health,

    /// <summary>A member of the cluster.</summary>
    Member,

    /// <summary>The catalogue.</summary>
    Catalogue,
}

/// <summary>
/// Something changed that an operator may want to see at once. Whoever knows of it publishes it on the event stream of its node; the live feed of every node
/// tells it. Transitions, never traffic.
/// </summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Subject">Which one: a server's id, a member's address; empty for the catalogue.</param>
/// <param name="What">What happened, in one word for programs, such as <c>circuitOpened</c>.</param>
/// <param name="Text">What happened, for people. Without secrets.</param>
/// <param name="At">When.</param>
/// <param name="Node">The address of the node that saw it.</param>
public sealed record Transition(TransitionKind Kind, string Subject, string What, string Text, DateTimeOffset At, string Node);

/// <summary>The same on its way to another node.</summary>
internal sealed record TransitionNews(Transition Transition);
