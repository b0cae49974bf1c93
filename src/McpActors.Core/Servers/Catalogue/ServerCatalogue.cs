using System.Collections.Frozen;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Catalogue;

/// <summary>One kind of list that an MCP server has.</summary>
public enum ListKind
{
    /// <summary><c>tools/list</c>.</summary>
    Tools,

    /// <summary><c>prompts/list</c>.</summary>
    Prompts,

    /// <summary><c>resources/list</c>.</summary>
    Resources,

    /// <summary><c>resources/templates/list</c>.</summary>
    ResourceTemplates,
}

/// <summary>A set of <see cref="ListKind"/>s.</summary>
[Flags]
public enum ListKinds
{
    /// <summary>No list: only what the server says of itself.</summary>
    None = 0,

    /// <summary>Tools.</summary>
    Tools = 1 << ListKind.Tools,

    /// <summary>Prompts.</summary>
    Prompts = 1 << ListKind.Prompts,

    /// <summary>Resources.</summary>
    Resources = 1 << ListKind.Resources,

    /// <summary>Resource templates.</summary>
    ResourceTemplates = 1 << ListKind.ResourceTemplates,

    /// <summary>All four.</summary>
    All = Tools | Prompts | Resources | ResourceTemplates,
}

/// <summary>What may be done to answer a question for lists.</summary>
public enum ListEffort
{
    /// <summary>What is not current is asked for; what does not run is started.</summary>
    Start,

    /// <summary>The same, but no process is started: without one that runs the last good copies answer.</summary>
    NoProcess,

    /// <summary>Nobody is asked: the last good copies answer, whatever their age.</summary>
    Remember,
}

/// <summary>One entry of a list.</summary>
/// <param name="Name">The tool's or prompt's name, the resource's URI, or the template.</param>
/// <param name="Json">The entry as the upstream gave it: one JSON object.</param>
public sealed record ListItem(string Name, ReadOnlyMemory<byte> Json);

/// <summary>The last good copy of one list, whole over all its pages.</summary>
/// <param name="Kind">Which list.</param>
/// <param name="Items">Its entries in the upstream's order.</param>
/// <param name="FetchedAt">When it was fetched.</param>
/// <param name="Ttl">How long it is fresh: what the upstream said, else the gateway's default.</param>
/// <param name="Scope">Who may be given it.</param>
/// <param name="Hash">Changes exactly when an entry, or their order, changes; hexadecimal.</param>
public sealed record ListCopy(
    ListKind Kind,
    IReadOnlyList<ListItem> Items,
    DateTimeOffset FetchedAt,
    TimeSpan Ttl,
    CacheScope Scope,
    string Hash)
{
    /// <summary>The same with the entries that <see cref="ToJson"/> wrote.</summary>
    public ListCopy WithJson(ReadOnlySpan<byte> array) => this with { Items = ListJson.Split(array, Kind) };

    /// <summary>Its entries as one JSON array.</summary>
    public ReadOnlyMemory<byte> ToJson() => ListJson.Join(Items);

    /// <summary>How long it is still fresh.</summary>
    public TimeSpan RemainingTtl(DateTimeOffset now) => FetchedAt + Ttl > now ? FetchedAt + Ttl - now : TimeSpan.Zero;
}

/// <summary>All that is known of what a server offers. Immutable; replaced whole when a list changes, so it may be compared by reference.</summary>
public sealed record ServerCatalogue
{
    /// <summary>What the server said of itself.</summary>
    public required PeerInfo Peer { get; init; }

    /// <summary>Its tools; null when never fetched.</summary>
    public ListCopy? Tools { get; init; }

    /// <summary>Its prompts; null when never fetched.</summary>
    public ListCopy? Prompts { get; init; }

    /// <summary>Its resources; null when never fetched.</summary>
    public ListCopy? Resources { get; init; }

    /// <summary>Its resource templates; null when never fetched.</summary>
    public ListCopy? ResourceTemplates { get; init; }

    /// <summary>The tools by name.</summary>
    public FrozenDictionary<string, ToolFacts> ToolIndex { get; init; } = FrozenDictionary<string, ToolFacts>.Empty;

    /// <summary>A catalogue with these lists.</summary>
    public static ServerCatalogue Of(PeerInfo peer, IReadOnlyList<ListCopy> lists)
    {
        var tools = lists.FirstOrDefault(list => list.Kind == ListKind.Tools);
        return new ServerCatalogue
        {
            Peer = peer,
            Tools = tools,
            Prompts = lists.FirstOrDefault(list => list.Kind == ListKind.Prompts),
            Resources = lists.FirstOrDefault(list => list.Kind == ListKind.Resources),
            ResourceTemplates = lists.FirstOrDefault(list => list.Kind == ListKind.ResourceTemplates),
            ToolIndex = tools is null ? FrozenDictionary<string, ToolFacts>.Empty : ToolFactsReader.Index(tools.Items),
        };
    }

    /// <summary>The copy of a list.</summary>
    public ListCopy? this[ListKind kind] => kind switch
    {
        ListKind.Tools => Tools,
        ListKind.Prompts => Prompts,
        ListKind.Resources => Resources,
        ListKind.ResourceTemplates => ResourceTemplates,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>What is known of one tool, as far as it steers its calls.</summary>
/// <param name="Name">Its name at the upstream.</param>
/// <param name="DefinitionHash">Changes exactly when its definition changes; hexadecimal.</param>
/// <param name="HeaderParameters">Arguments that travel as headers too; empty for most tools.</param>
/// <param name="Annotations">The server's own words about effects; a hint and no more.</param>
public sealed record ToolFacts(
    string Name,
    string DefinitionHash,
    IReadOnlyList<HeaderParameter> HeaderParameters,
    ToolAnnotations Annotations)
{
    /// <summary>Why its header annotations make it invalid for clients on Streamable HTTP; null when they do not.</summary>
    public HeaderSchemaFault? HeaderFault { get; init; }
}

/// <summary>An argument that a 2026-07-28 request repeats in the header <c>Mcp-Param-{Header}</c>.</summary>
/// <param name="Path">Names of the properties from the root of the arguments to the value.</param>
/// <param name="Header">The part of the header's name that the schema gives (<c>x-mcp-header</c>).</param>
/// <param name="Type">The declared type: <c>string</c>, <c>integer</c> or <c>boolean</c>.</param>
public sealed record HeaderParameter(IReadOnlyList<string> Path, string Header, string Type);

/// <summary>A tool's annotations with the specification's defaults.</summary>
/// <param name="ReadOnly">It changes nothing.</param>
/// <param name="Idempotent">Doing it twice is as doing it once.</param>
public readonly record struct ToolAnnotations(bool ReadOnly, bool Idempotent);
