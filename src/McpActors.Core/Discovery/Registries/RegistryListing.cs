using McpActors.Core.Discovery.Sources;

namespace McpActors.Core.Discovery.Registries;

/// <summary>
/// Gathers the pages of one registry into its servers: those that the patterns include, the latest version of each, the deleted ones left out.
/// Filtering as it goes, so that a registry of thousands costs no more than what is taken of it.
/// </summary>
/// <param name="include">Patterns of names; empty takes all.</param>
public sealed class RegistryListing(IReadOnlyList<string> include)
{
    /// <summary>Servers taken of one registry at most.</summary>
    public const int MostServers = 1_000;

    private readonly Dictionary<string, ServerJson> _byName = new(StringComparer.Ordinal);

    /// <summary>How many entries could not be read.</summary>
    public int Unreadable { get; private set; }

    /// <summary>The same again, to lay changes over.</summary>
    public RegistryListing Copy()
    {
        var copy = new RegistryListing(include);
        foreach (var (name, server) in _byName)
            copy._byName.Add(name, server);
        return copy;
    }

    /// <summary>Adds a page.</summary>
    /// <exception cref="FormatException">It holds more servers than are taken.</exception>
    public void Add(RegistryPage page)
    {
        Unreadable += page.Unreadable;
        foreach (var server in page.Servers)
        {
            if (!RegistryName.IsIncluded(include, server.Name))
                continue;
            if (!_byName.TryGetValue(server.Name, out var known) || IsLater(server, known))
                _byName[server.Name] = server;
        }

        if (_byName.Count > MostServers)
            throw new FormatException($"it lists more than {MostServers} servers that 'include' takes; narrow 'include'");
    }

    /// <summary>The servers, by name. Two names that would become the same id: the first one has it.</summary>
    public IReadOnlyList<DiscoveredServer> Servers(ApprovalMode mode)
    {
        var isChosen = RegistryName.IsChoice(include);
        var servers = new Dictionary<string, DiscoveredServer>(StringComparer.Ordinal);
        foreach (var json in _byName.Values.Where(static json => json.Status != "deleted").OrderBy(static json => json.Name, StringComparer.Ordinal))
        {
            var server = ServerJsonMapping.Map(json, mode, isChosen);
            servers.TryAdd(server.Id.Value, server);
        }

        return [.. servers.Values];
    }

    private static bool IsLater(ServerJson candidate, ServerJson known)
    {
        if (candidate.IsLatest != known.IsLatest)
            return candidate.IsLatest == true || known.IsLatest == false;
        return (candidate.PublishedAt ?? DateTimeOffset.MinValue) >= (known.PublishedAt ?? DateTimeOffset.MinValue);
    }
}
