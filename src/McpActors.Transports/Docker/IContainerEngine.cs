using McpActors.Core.Discovery.Containers;

namespace McpActors.Transports.Docker;

/// <summary>An engine that runs containers.</summary>
public interface IContainerEngine : IDisposable
{
    /// <summary>The machine of an engine that is not on this one; null for an engine of this machine.</summary>
    string? RemoteHost { get; }

    /// <summary>The running containers that have a label.</summary>
    /// <exception cref="ContainerEngineException">The engine does not answer, or refuses.</exception>
    Task<IReadOnlyList<ContainerFacts>> ListAsync(string label, CancellationToken ct);

    /// <summary>Tells whenever a container with the label starts, stops or is renamed. Ends when the engine ends it.</summary>
    /// <exception cref="ContainerEngineException">The engine does not answer, or refuses.</exception>
    Task FollowAsync(string label, Action changed, CancellationToken ct);
}

/// <summary>An engine did not do what was asked, with the reason in words for people.</summary>
public sealed class ContainerEngineException : Exception
{
    /// <summary>Without a reason.</summary>
    public ContainerEngineException()
        : this("the engine did not answer")
    {
    }

    /// <summary>With a reason.</summary>
    public ContainerEngineException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and what it was made of.</summary>
    public ContainerEngineException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
