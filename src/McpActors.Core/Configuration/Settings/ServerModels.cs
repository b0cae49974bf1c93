using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Servers;

namespace McpActors.Core.Configuration.Settings;

/// <summary>Makes the model of a server from what is written, and writes it.</summary>
internal static class ServerModels
{
    private const int RevisionBytes = 8;

    /// <summary>What says where a server is: one of these.</summary>
    public static IReadOnlyList<string> Addresses { get; } = ["url", "endpoints", "command"];

    private static readonly string[] HttpKeys = ["headers"];

    private static readonly string[] StdioKeys = ["args", "env", "envFile", "cwd"];

    /// <summary>The model of one server; null, with faults, when it is not complete.</summary>
    public static ServerModel? Read(ServerId id, ConfigurationNode node, string path, ReadContext context, ServerDefinition defaults)
    {
        if (node is not MapNode map)
        {
            context.Unexpected(node, path, "a map with url, endpoints or command");
            return null;
        }

        var before = context.Faults.Count;
        var definition = ServerKeys.Server.Read(map, path, context, defaults);
        var transport = CheckTransport(map, path, context, definition);
        if (transport is null || context.Faults.Count > before)
            return null;
        var settings = definition.Settings with { Id = id, Transport = transport.Value };
        settings = settings with { Title = settings.Title.Length == 0 ? id.Value : settings.Title };
        settings = transport == ServerTransport.Http ? Http(settings) : Stdio(settings, definition, new Place(map, path, context));
        return WithRevision(settings);
    }

    /// <summary>Writes a model in the form that <see cref="Read"/> takes.</summary>
    public static void Write(Utf8JsonWriter writer, ServerModel model, WriteContext context) =>
        ServerKeys.Server.Write(writer, new ServerDefinition { Settings = model, Transport = model.Transport }, context);

    /// <summary>The model with the hash over everything in it.</summary>
    public static ServerModel WithRevision(ServerModel model)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(model.Id.Value);
            Write(writer, model, WriteContext.Plain);
            writer.WriteEndArray();
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.WrittenSpan, hash);
        return model with { Revision = Convert.ToHexStringLower(hash[..RevisionBytes]) };
    }

    private static ServerTransport? CheckTransport(MapNode map, string path, ReadContext context, ServerDefinition definition)
    {
        var said = Addresses.Where(key => Written(map, key) is not null).ToArray();
        if (said.Length != 1)
        {
            context.Fault(
                said.Length == 0 ? map.Mark : Written(map, said[1])!.Mark, path,
                said.Length == 0 ? "found none of url, endpoints and command, expected one of them" : $"found {string.Join(" and ", said)}, expected one of them");
            return null;
        }

        var (key, words) = (said[0], said[0] == "endpoints" ? "endpoints" : $"a {said[0]}");
        var transport = key == "command" ? ServerTransport.Stdio : ServerTransport.Http;
        if (definition.Transport is { } wanted && wanted != transport)
            context.Unexpected(map.Find("transport")!.Value, SettingPath.Child(path, "transport"), $"{(transport == ServerTransport.Http ? "http" : "stdio")}, because there {(key == "endpoints" ? "are" : "is")} {words}");
        foreach (var other in transport == ServerTransport.Http ? StdioKeys : HttpKeys)
        {
            if (Written(map, other) is { } misplaced)
                context.Fault(misplaced.Mark, SettingPath.Child(path, other), $"'{other}' is for servers with a {(transport == ServerTransport.Http ? "command" : "url")}, this one has {words}");
        }

        if (transport == ServerTransport.Http && definition.Settings.Protocol is { } protocol && ServerRules.TwoEndpointProtocols.Contains(protocol))
            context.Fault(map.Find("protocol")?.Value.Mark ?? map.Mark, SettingPath.Child(path, "protocol"), $"'{protocol}' over HTTP is not supported by this version yet");
        if (Written(map, "endpoints")?.Value is ListNode list)
            CheckEndpoints(list, SettingPath.Child(path, "endpoints"), context);
        return transport;
    }

    // What no single endpoint can show: those without a url, the same twice, too many.
    private static void CheckEndpoints(ListNode list, string path, ReadContext context)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i] is not MapNode item)
                continue;
            var place = SettingPath.Item(path, i);
            if (Written(item, "url") is not { } url)
                context.Fault(item.Mark, place, "found no url, expected url and, where it is not 1, weight");
            else if (url.Value is ScalarNode text && !seen.Add(text.Text))
                context.Fault(url.Value.Mark, SettingPath.Child(place, "url"), "found the url of another endpoint, expected each replica once");
        }

        if (list.Items.Count > ServerEndpoint.Most)
            context.Fault(list.Mark, path, $"found {list.Items.Count} endpoints, expected at most {ServerEndpoint.Most}");
    }

    /// <summary>The entry of a key that holds something.</summary>
    private static MapEntry? Written(MapNode map, string key) =>
        map.Find(key) is { } entry && entry.Value is not ({ IsNull: true } or MapNode { Entries.Count: 0 } or ListNode { Items.Count: 0 }) ? entry : null;

    private static ServerModel Http(ServerModel settings) => settings with
    {
        Environment = ServerDefinition.Default.Settings.Environment,
        WorkingDirectory = null,
    };

    private static ServerModel Stdio(ServerModel settings, ServerDefinition definition, Place place)
    {
        var folder = place.Map.Find("command")!.Mark.File.Directory;
        return settings with
        {
            Headers = ServerDefinition.Default.Settings.Headers,
            Command = Home(settings.Command!, place.Context.Inputs),
            WorkingDirectory = settings.WorkingDirectory is { } cwd ? Home(cwd, place.Context.Inputs) : folder,
            Environment = definition.EnvironmentFile is { } file ? ReadEnvironment(Home(file, place.Context.Inputs), settings.Environment, place) : settings.Environment,
        };
    }

    private static IReadOnlyDictionary<string, string> ReadEnvironment(string file, IReadOnlyDictionary<string, string> own, Place place)
    {
        var key = SettingPath.Child(place.Path, "envFile");
        var mark = place.Map.Find("envFile")?.Value.Mark ?? place.Map.Mark;
        if (!place.Context.Inputs.TryReadText(file, out var text, out var reason))
        {
            place.Context.Fault(mark, key, $"the file {file} {reason}");
            return own;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var fault in EnvironmentFile.Read(text, values))
            place.Context.Fault(mark, key, $"{file}: {fault}");
        foreach (var name in values.Keys)
            place.Context.SensitivePaths.Add(SettingPath.Child(SettingPath.Child(place.Path, "env"), name));
        foreach (var (name, value) in own)
            values[name] = value;
        return values;
    }

    private static string Home(string path, IConfigurationInputs inputs) => FilePaths.Home(path, inputs);

    /// <summary>Where a server stands, for faults found while its model is made.</summary>
    private sealed record Place(MapNode Map, string Path, ReadContext Context);
}
