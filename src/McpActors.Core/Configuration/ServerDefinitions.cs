using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Core.Configuration.Settings;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Servers;

namespace McpActors.Core.Configuration;

/// <summary>One server as JSON, with the keys of the configuration file: how it is put over the API, journalled, and sent to other nodes.</summary>
public static class ServerDefinitions
{
    /// <summary>Reads a definition. Nothing in it is looked up: it holds its values themselves.</summary>
    /// <param name="id">The server's id.</param>
    /// <param name="json">The definition.</param>
    /// <param name="defaults">What it inherits; <see cref="ServerDefinition.Default"/> for what <see cref="Write(ServerModel)"/> wrote.</param>
    /// <param name="faults">What is wrong; empty when there is a model.</param>
    public static ServerModel? Read(ServerId id, ReadOnlySpan<byte> json, ServerDefinition defaults, out IReadOnlyList<ConfigurationFault> faults)
    {
        var context = new ReadContext(NoInputs.Instance);
        var node = JsonSource.Read(SourceFile.Api, json, context.Faults);
        var model = node is null ? null : ServerModels.Read(id, node, "", context, defaults);
        faults = context.Faults;
        return faults.Count == 0 ? model : null;
    }

    /// <summary>Reads only some settings over a server, which is inherited as <c>defaults</c> are; what it is reached by comes from that server too.</summary>
    /// <param name="below">The server.</param>
    /// <param name="settings">The settings; what is missing of where the server is, is added.</param>
    /// <param name="faults">What is wrong; empty when there is a model.</param>
    internal static ServerModel? ReadOver(ServerModel below, JsonObject settings, out IReadOnlyList<ConfigurationFault> faults)
    {
        var whole = JsonNode.Parse(Write(below))!.AsObject();
        foreach (var key in ServerModels.Addresses.Where(key => !settings.ContainsKey(key)))
            settings[key] = whole[key]?.DeepClone();
        return Read(below.Id, JsonSerializer.SerializeToUtf8Bytes(settings), new ServerDefinition { Settings = below, Transport = below.Transport }, out faults);
    }

    /// <summary>Whether a definition says by itself where the server is.</summary>
    internal static bool TellsAddress(JsonObject definition) => definition.ContainsKey("url") || definition.ContainsKey("command") || definition.ContainsKey("endpoints");

    /// <summary>Writes everything in effect, secrets as they are.</summary>
    public static byte[] Write(ServerModel model) => Write(model, WriteContext.Plain);

    /// <summary>Writes everything in effect, secrets masked.</summary>
    /// <param name="model">The server.</param>
    /// <param name="sensitivePaths"><see cref="GatewayConfiguration.SensitivePaths"/>; values that look secret by name are masked anyway.</param>
    public static byte[] WriteMasked(ServerModel model, IReadOnlySet<string> sensitivePaths) =>
        Write(model, new WriteContext("servers." + model.Id.Value, true, sensitivePaths) { Inherited = "defaults" });

    private static byte[] Write(ServerModel model, WriteContext context)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer))
            ServerModels.Write(writer, model, context);
        return buffer.WrittenSpan.ToArray();
    }
}
