using McpActors.Core.Configuration;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>
/// Which server a URI belongs to: the one that lists it; else the one with the template that fits and has the longest literal part;
/// between equals the one whose id comes first.
/// </summary>
internal sealed class ResourceIndex
{
    private readonly Dictionary<string, ServerModel> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServerModel> _templateTexts = new(StringComparer.Ordinal);
    private readonly List<(UriTemplate Template, ServerModel Server)> _templates = [];

    /// <summary>Builds the index; contributions come in the order of their ids.</summary>
    public ResourceIndex(IReadOnlyList<Contribution> contributions)
    {
        foreach (var (server, catalogue, _) in contributions)
        {
            foreach (var item in catalogue?[ListKind.Resources]?.Items ?? [])
                _exact.TryAdd(item.Name, server);
            foreach (var item in catalogue?[ListKind.ResourceTemplates]?.Items ?? [])
            {
                _templateTexts.TryAdd(item.Name, server);
                if (UriTemplate.Parse(item.Name) is { } template)
                    _templates.Add((template, server));
            }
        }

        // A stable sort would keep the order of ids between equals; List.Sort is not stable, so the id is part of the order.
        _templates.Sort(static (a, b) => b.Template.LiteralLength != a.Template.LiteralLength
            ? b.Template.LiteralLength.CompareTo(a.Template.LiteralLength)
            : string.CompareOrdinal(a.Server.Id.Value, b.Server.Id.Value));
    }

    /// <summary>The URIs that are listed.</summary>
    public IEnumerable<string> Uris => _exact.Keys;

    /// <summary>The server of a URI, or of a template as a completion names it; null when nobody has it.</summary>
    public ServerModel? Find(string uri)
    {
        if (_exact.TryGetValue(uri, out var server) || _templateTexts.TryGetValue(uri, out server))
            return server;
        foreach (var (template, owner) in _templates)
        {
            if (template.Matches(uri))
                return owner;
        }

        return null;
    }
}
