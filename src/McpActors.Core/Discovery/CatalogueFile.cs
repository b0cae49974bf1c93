using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery;

/// <summary>What a configuration file says of the cluster: the file of a node, or the revision that the cluster agreed on as this node reads it.</summary>
/// <param name="Servers">The servers, each id once.</param>
/// <param name="Hash">Hash over the part of the file that belongs to the cluster, references unresolved; nodes with the same hash run the same revision.</param>
public sealed record CatalogueFile(IReadOnlyList<ServerModel> Servers, string Hash)
{
    private readonly FrozenDictionary<ServerId, ServerModel> _byId = Servers.ToFrozenDictionary(server => server.Id);

    /// <summary>A file without servers.</summary>
    public static CatalogueFile Empty { get; } = new([], "");

    /// <summary>The servers, each id once.</summary>
    public IReadOnlyList<ServerModel> Servers { get; } = Servers;

    /// <summary>Its cluster part, packed, as other nodes get it.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>All of it in effect on this node.</summary>
    public GatewayConfiguration Configuration { get; init; } = GatewayConfiguration.Default;

    /// <summary>The files that it was read from, and those that they name.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The files of <c>discovery.files</c>, as this node read them.</summary>
    public IReadOnlyList<DiscoveredFile> Discovered { get; init; } = [];

    /// <summary>What servers entered at run time inherit.</summary>
    public ServerDefinition Defaults => Configuration.Defaults;

    /// <summary>Where servers come from beside the file.</summary>
    public DiscoveryOptions Discovery => Configuration.Discovery;

    /// <summary>A configuration with the content that it was read from.</summary>
    public static CatalogueFile From(GatewayConfiguration configuration, RevisionContent content, IReadOnlyList<string> files, IReadOnlyList<DiscoveredFile> discovered) =>
        new([.. configuration.Servers.Values], content.Hash) { Content = content.Packed, Configuration = configuration, Files = files, Discovered = discovered };

    /// <summary>A server of it; null when it has none of this id.</summary>
    public ServerModel? Find(ServerId id) => _byId.GetValueOrDefault(id);
}

/// <summary>Turns a revision of the cluster into what it means on this node: with its environment, its files and its folders.</summary>
public interface IRevisionReader
{
    /// <summary>Reads a revision. May read files; takes as long as reading a configuration.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="own">This node's own file, whose node keys stay in effect.</param>
    RevisionReading Read(RevisionContent revision, CatalogueFile own);
}

/// <summary>What reading a revision came to.</summary>
/// <param name="File">What it means here; null when there are faults.</param>
/// <param name="Faults">Why this node cannot take it, each with its path.</param>
public sealed record RevisionReading(CatalogueFile? File, IReadOnlyList<string> Faults);

/// <summary>An entry made at run time. It wins over the file and never changes it.</summary>
/// <param name="Server">The server it is about.</param>
/// <param name="Definition">Its definition as JSON, as it was given; null: the server is removed although the file has it.</param>
/// <param name="Who">Who made it.</param>
/// <param name="At">When.</param>
public sealed record OverlayEntry(ServerId Server, ReadOnlyMemory<byte>? Definition, string Who, DateTimeOffset At);

/// <summary>Reads and checks the definition of one server.</summary>
public interface IServerDefinitionReader
{
    /// <summary>Reads <paramref name="definition"/> (JSON, the keys of the file's <c>servers.{id}</c>).</summary>
    /// <param name="id">The server's id.</param>
    /// <param name="definition">Its definition, or only some settings of it.</param>
    /// <param name="defaults">What a whole definition inherits.</param>
    /// <param name="below">What only some settings are laid over; null when there is nothing.</param>
    ServerDefinitionResult Read(ServerId id, ReadOnlyMemory<byte> definition, ServerDefinition defaults, ServerModel? below = null);
}

/// <summary>
/// Reads definitions as the configuration file is read: a whole server, or only some settings of one that the file or another source has. The latter
/// lie over that as a server of the file lies over <c>defaults</c>: what they say is added to its maps, null takes a name away, lists and values replace.
/// So a server disabled for an hour follows later changes of its source, and no secret of it is journalled.
/// </summary>
public sealed class ServerDefinitionReader : IServerDefinitionReader
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <inheritdoc/>
    public ServerDefinitionResult Read(ServerId id, ReadOnlyMemory<byte> definition, ServerDefinition defaults, ServerModel? below = null)
    {
        if (below is not null && Partial(definition) is { } settings)
            return Result(ServerDefinitions.ReadOver(below, settings, out var overlaid), overlaid);
        return Result(ServerDefinitions.Read(id, definition.Span, defaults, out var faults), faults);
    }

    private static ServerDefinitionResult Result(ServerModel? model, IReadOnlyList<ConfigurationFault> faults) =>
        new(model, [.. faults.Select(fault => fault.Path.Length == 0 ? fault.Message : $"{fault.Path}: {fault.Message}")]);

    private static JsonObject? Partial(ReadOnlyMemory<byte> definition)
    {
        try
        {
            return JsonNode.Parse(definition.Span, documentOptions: Strict) is JsonObject map && !ServerDefinitions.TellsAddress(map) ? map : null;
        }
        catch (JsonException)
        {
            return null; // the strict reader says what is wrong with it
        }
    }
}

/// <summary>What became of a definition: a model, or every fault in it.</summary>
/// <param name="Model">The settings in effect; null when there are faults.</param>
/// <param name="Faults">What is wrong, each with its path and what was expected.</param>
public sealed record ServerDefinitionResult(ServerModel? Model, IReadOnlyList<string> Faults);
