using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Servers;

namespace McpActors.Gateway.Hosting;

/// <summary>
/// Reads what an operator enters at run time: a whole server, or only some settings of one that the file has. The latter lie over
/// the file's, so that a server disabled for an hour follows later changes of the file and no secret of it is journalled.
/// </summary>
internal sealed class OverlayDefinitionReader(CurrentConfiguration current) : IServerDefinitionReader
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <inheritdoc />
    public ServerDefinitionResult Read(ServerId id, ReadOnlyMemory<byte> definition, ServerDefinition defaults)
    {
        if (current.Result.Configuration.Servers.TryGetValue(id, out var inFile) && Partial(definition) is { } settings)
        {
            var whole = JsonNode.Parse(ServerDefinitions.Write(inFile))!.AsObject();
            foreach (var (key, value) in settings)
                whole[key] = value?.DeepClone();
            return Result(ServerDefinitions.Read(id, Encoding.UTF8.GetBytes(whole.ToJsonString()), ServerDefinition.Default, out var merged), merged);
        }

        return Result(ServerDefinitions.Read(id, definition.Span, defaults, out var faults), faults);
    }

    private static ServerDefinitionResult Result(ServerModel? model, IReadOnlyList<ConfigurationFault> faults) =>
        new(model, [.. faults.Select(fault => fault.Path.Length == 0 ? fault.Message : $"{fault.Path}: {fault.Message}")]);

    private static JsonObject? Partial(ReadOnlyMemory<byte> definition)
    {
        try
        {
            return JsonNode.Parse(definition.Span, documentOptions: Strict) is JsonObject map && !map.ContainsKey("url") && !map.ContainsKey("command") ? map : null;
        }
        catch (JsonException)
        {
            return null; // the strict reader says what is wrong with it
        }
    }
}
