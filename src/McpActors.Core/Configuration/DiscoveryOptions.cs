using McpActors.Core.Discovery.Registries;

namespace McpActors.Core.Configuration;

/// <summary>Where servers come from beside the configuration file (<c>discovery</c>).</summary>
public sealed record DiscoveryOptions
{
    /// <summary>The defaults: nowhere.</summary>
    public static DiscoveryOptions Default { get; } = new();

    /// <summary>Files in the <c>mcpServers</c> form whose servers are added. Default none.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>MCP registries; of two that list the same id, the one that stands first counts. Default none.</summary>
    public IReadOnlyList<RegistryOptions> Registries { get; init; } = [];

    /// <summary>Labelled containers.</summary>
    public DockerDiscoveryOptions Docker { get; init; } = DockerDiscoveryOptions.Default;
}

/// <summary>A registry that answers <c>/v0.1/servers</c> (<c>discovery.registries[]</c>).</summary>
public sealed record RegistryOptions
{
    /// <summary>The defaults; the address is always said.</summary>
    public static RegistryOptions Default { get; } = new();

    /// <summary>Its address, without <c>/v0.1</c>.</summary>
    public Uri? Url { get; init; }

    /// <summary>Names that are taken, <c>*</c> for any text; empty takes all. Default empty.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Between two questions. 1 s to 7 d, default 1 h.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time limit of one page. 100 ms to 10 min, default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What must be approved beside what starts a process. Default auto.</summary>
    public ApprovalMode Approval { get; init; } = ApprovalMode.Auto;

    /// <summary>Headers of every request to it. Default none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Whether <paramref name="other"/> says the same.</summary>
    public bool IsSame(RegistryOptions other) =>
        (Url, Interval, Timeout, Approval) == (other.Url, other.Interval, other.Timeout, other.Approval) && Include.SequenceEqual(other.Include)
        && Headers.Count == other.Headers.Count && Headers.All(pair => other.Headers.TryGetValue(pair.Key, out var value) && value == pair.Value);
}

/// <summary>How servers in containers are reached.</summary>
public enum ContainerAddress
{
    /// <summary>By the container's own address, which only its machine and what shares its network reaches. Of an engine on another machine: by published ports.</summary>
    Container,

    /// <summary>By the ports that it publishes, at the address of the node that asks the engine: for clusters of several machines.</summary>
    Published,
}

/// <summary>Labelled containers of the engine of each node, at <c>DOCKER_HOST</c> or the engine's own socket (<c>discovery.docker</c>).</summary>
public sealed record DockerDiscoveryOptions
{
    /// <summary>The defaults: off.</summary>
    public static DockerDiscoveryOptions Default { get; } = new();

    /// <summary>Whether nodes ask their engine. Default false.</summary>
    public bool Enabled { get; init; }

    /// <summary>The label that makes a container a server. Default <c>mcpactors.server</c>.</summary>
    public string Label { get; init; } = "mcpactors.server";

    /// <summary>How servers in containers are reached. Default container.</summary>
    public ContainerAddress Address { get; init; } = ContainerAddress.Container;
}
