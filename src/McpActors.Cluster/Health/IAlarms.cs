using McpActors.Core.Health;

namespace McpActors.Cluster.Health;

/// <summary>
/// The way for any part of a node to say that something is the matter, or no longer. Never waits and never fails: what is raised is told to the cluster's
/// monitor, and again as long as it lasts, wherever the monitor runs. What a node raised is over when the node is. Thread-safe.
/// </summary>
public interface IAlarms
{
    /// <summary>Something is the matter until <see cref="Clear"/>; a momentary event (<see cref="AlarmEvents.IsMomentary"/>) is told once. Saying it again in the same words changes nothing.</summary>
    /// <param name="what">What.</param>
    /// <param name="subject">Of whom: the address of a node as <c>/cluster/members</c> shows it, or the id of a server. At most 200 characters.</param>
    /// <param name="text">In words, without secrets; at most 200 characters.</param>
    void Raise(AlarmEvent what, string subject, string text);

    /// <summary>It is the matter no longer.</summary>
    void Clear(AlarmEvent what, string subject);
}
