using System.Buffers;
using System.Text.Json;
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
