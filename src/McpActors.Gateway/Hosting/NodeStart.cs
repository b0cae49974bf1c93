using McpActors.Gateway.Configuration;

namespace McpActors.Gateway.Hosting;

/// <summary>What a node is started with.</summary>
/// <param name="Loaded">The checked configuration.</param>
/// <param name="Loader">What read it, for reloads.</param>
/// <param name="Files">The files of the command line.</param>
/// <param name="Quickstart">Whether the sample server runs in this process.</param>
internal sealed record NodeStart(ConfigurationResult Loaded, ConfigurationLoader Loader, IReadOnlyList<string> Files, bool Quickstart);
