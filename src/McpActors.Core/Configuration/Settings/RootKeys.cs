using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Servers;

namespace McpActors.Core.Configuration.Settings;

/// <summary>The keys of the whole file.</summary>
internal static class RootKeys
{
    private const string Version = "1";

    /// <summary>The whole file. <c>defaults</c> stands before <c>servers</c>, which inherit from it.</summary>
    public static SectionType<GatewayConfiguration> Root { get; } = new SectionType<GatewayConfiguration>(GatewayConfiguration.Default)
        .Key("version", VersionNumber, static c => c.Version, static (c, v) => c with { Version = v }, "Version of the file format.")
        .Key("node", NodeKeys.Node, static c => c.Node, static (c, v) => c with { Node = v }, "This node.")
        .Key("cluster", NodeKeys.Cluster, static c => c.Cluster, static (c, v) => c with { Cluster = v }, "Its place in a cluster.")
        .Key("persistence", NodeKeys.Persistence, static c => c.Persistence, static (c, v) => c with { Persistence = v }, "Its store.")
        .Key("front", NodeKeys.Front, static c => c.Front, static (c, v) => c with { Front = v }, "Its listener for MCP clients.")
        .Key("management", NodeKeys.Management, static c => c.Management, static (c, v) => c with { Management = v }, "Its listener for operators.")
        .Key("defaults", ServerKeys.Defaults, static c => c.Defaults, static (c, v) => c with { Defaults = v }, "What every server inherits; a server's own keys win.")
        .Key(new ServersKey())
        .Later("groups", "{}", "Several servers behind one id.")
        .Later("profiles", "{}", "Views of the aggregated endpoint.")
        .Key("discovery", DiscoveryKeys.Discovery, static c => c.Discovery, static (c, v) => c with { Discovery = v }, "Where servers come from beside this file.")
        .Key("health", HealthKeys.Health, static c => c.Health, static (c, v) => c with { Health = v }, "Health of servers and nodes.")
        .Later("security", "{}", "Roles, guards, secrets, audit, rate limits, pins.")
        .Key("observability", NodeKeys.Observability, static c => c.Observability, static (c, v) => c with { Observability = v }, "Logs and traces.")
        .Key("limits", NodeKeys.Limits, static c => c.Limits, static (c, v) => c with { Limits = v }, "What one caller or one server may use up.")
        .Key("shutdown", NodeKeys.Shutdown, static c => c.Shutdown, static (c, v) => c with { Shutdown = v }, "How the node stops.");

    /// <summary>The sections that are no part of a server: a change of theirs takes effect at the next start.</summary>
    public static IReadOnlyList<string> RestartSections { get; } =
        ["node", "cluster", "persistence", "front", "management", "observability", "limits", "shutdown"];

    private static ScalarType<int> VersionNumber => new()
    {
        Takes = Version,
        Parse = static (string text, SourceMark _, out int value) => int.TryParse(text, CultureInfo.InvariantCulture, out value) && text == Version,
        Format = static value => value.ToString(CultureInfo.InvariantCulture),
        Form = JsonForm.Number,
    };
}

/// <summary>The servers by id, each over the defaults.</summary>
internal sealed class ServersKey() : SettingKey<GatewayConfiguration>("servers", "The MCP servers, by id: [a-z0-9][a-z0-9-]{0,23}.")
{
    private const string IdExpected = "[a-z0-9][a-z0-9-]{0,23}";

    /// <inheritdoc/>
    public override SettingType Type { get; } = new MapType<ServerDefinition>(ServerKeys.Server, "a map of server ids", ServerDefinition.Default) { NullRemoves = false };

    /// <inheritdoc/>
    public override GatewayConfiguration Read(ConfigurationNode node, string path, ReadContext context, GatewayConfiguration current)
    {
        if (node.IsNull)
            return current;
        if (node is not MapNode map)
        {
            context.Unexpected(node, path, Type.Expected);
            return current;
        }

        var servers = new Dictionary<ServerId, ServerModel>(map.Entries.Count);
        foreach (var entry in map.Entries)
        {
            var child = SettingPath.Child(path, entry.Key);
            if (!ServerId.TryParse(entry.Key, out var id))
                context.Fault(entry.Mark, child, IdFault(entry.Key));
            else if (ServerModels.Read(id, entry.Value, child, context, current.Defaults) is { } model)
                servers.Add(id, model);
        }

        return current with { Servers = servers.ToFrozenDictionary() };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, GatewayConfiguration value, WriteContext context)
    {
        writer.WriteStartObject();
        foreach (var (id, model) in value.Servers.OrderBy(static pair => pair.Key.Value, StringComparer.Ordinal))
        {
            writer.WritePropertyName(id.Value);
            ServerModels.Write(writer, model, context.Child(id.Value) with { Inherited = "defaults" });
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public override void WriteDefault(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteEndObject();
    }

    private static string IdFault(string key) => key == ServerId.Reserved
        ? $"the id '{key}' is reserved"
        : $"found the id '{key}', expected {IdExpected}, for example '{ServerId.FromName(key)}'";
}
