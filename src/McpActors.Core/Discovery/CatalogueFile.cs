using McpActors.Core.Configuration;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery;

/// <summary>What the configuration file of a node says of the cluster's servers.</summary>
/// <param name="Servers">The servers, each id once.</param>
/// <param name="Hash">Hash over the part of the file that belongs to the cluster; nodes with the same hash run the same catalogue.</param>
public sealed record CatalogueFile(IReadOnlyList<ServerModel> Servers, string Hash)
{
    /// <summary>A file without servers.</summary>
    public static CatalogueFile Empty { get; } = new([], "");

    /// <summary>What servers entered at run time inherit.</summary>
    public ServerDefinition Defaults { get; init; } = ServerDefinition.Default;

    /// <summary>The catalogue of a configuration.</summary>
    public static CatalogueFile From(GatewayConfiguration configuration) =>
        new([.. configuration.Servers.Values], ConfigurationJson.Hash(configuration)) { Defaults = configuration.Defaults };
}

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
    ServerDefinitionResult Read(ServerId id, ReadOnlyMemory<byte> definition, ServerDefinition defaults);
}

/// <summary>Reads definitions as the configuration file is read.</summary>
public sealed class ServerDefinitionReader : IServerDefinitionReader
{
    /// <inheritdoc/>
    public ServerDefinitionResult Read(ServerId id, ReadOnlyMemory<byte> definition, ServerDefinition defaults)
    {
        var model = ServerDefinitions.Read(id, definition.Span, defaults, out var faults);
        return new ServerDefinitionResult(model, [.. faults.Select(fault => fault.ToString())]);
    }
}

/// <summary>What became of a definition: a model, or every fault in it.</summary>
/// <param name="Model">The settings in effect; null when there are faults.</param>
/// <param name="Faults">What is wrong, each with its path and what was expected.</param>
public sealed record ServerDefinitionResult(ServerModel? Model, IReadOnlyList<string> Faults);
