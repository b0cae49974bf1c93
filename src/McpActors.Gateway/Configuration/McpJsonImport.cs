using System.Globalization;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Servers;

namespace McpActors.Gateway.Configuration;

/// <summary>
/// Takes the files that MCP clients keep (<c>mcpServers</c>, or VS Code's <c>servers</c> with <c>inputs</c>) as they are,
/// and gives them the shape of our own: names become ids, what means nothing here becomes a warning.
/// </summary>
internal sealed class McpJsonImport(ICollection<ConfigurationFault> faults, ICollection<ConfigurationFault> warnings)
{
    private const string ServersOfClaude = "mcpServers";
    private const string ServersOfCode = "servers";

    private static readonly string[] TypeKeys = ["type", "transport", "transportType"];

    private static readonly Dictionary<string, string> Synonyms = new(StringComparer.Ordinal)
    {
        ["serverUrl"] = "url",
        ["httpUrl"] = "url",
    };

    private static readonly HashSet<string> SameKeys = new(StringComparer.Ordinal) { "url", "command", "args", "env", "envFile", "cwd", "headers", "enabled", "title" };

    /// <summary>Keys of ours whose value is a map, so that a file may say more than other programs read of it.</summary>
    private static readonly HashSet<string> OwnMaps = new(StringComparer.Ordinal) { "timeout", "retry", "circuit", "concurrency", "cache", "health", "labels", "tools" };

    private static readonly HashSet<string> KeysOfOurs = new(StringComparer.Ordinal)
    {
        "version", "node", "cluster", "persistence", "front", "management", "defaults", "groups", "profiles", "discovery", "health", "security", "observability", "limits", "shutdown",
    };

    /// <summary>Whether a JSON file is one of those, and not ours written as JSON.</summary>
    public static bool Recognises(ConfigurationNode root) =>
        root is MapNode map && (map.Find(ServersOfClaude) is not null || (map.Find(ServersOfCode) is not null && !map.Entries.Any(static entry => KeysOfOurs.Contains(entry.Key))));

    /// <summary>The file in our shape.</summary>
    public MapNode Convert(MapNode root)
    {
        var key = root.Find(ServersOfClaude) is not null ? ServersOfClaude : ServersOfCode;
        foreach (var other in root.Entries.Where(entry => entry.Key != key && entry.Key is not ("inputs" or "$schema")))
            Warn(other.Mark, other.Key, $"'{other.Key}' means nothing here");
        var servers = root.Find(key)!;
        if (servers.Value is not MapNode map)
        {
            if (!servers.Value.IsNull)
                faults.Add(ConfigurationFault.At(servers.Value.Mark, key, $"found {servers.Value.Described}, expected a map of server names"));
            return root.With([]);
        }

        var entries = new List<MapEntry>();
        var names = new Dictionary<string, MapEntry>(StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            var path = SettingPath.Child(key, entry.Key);
            var id = ServerId.FromName(entry.Key).Value;
            if (!names.TryAdd(id, entry))
                faults.Add(ConfigurationFault.At(entry.Mark, path, $"the name '{entry.Key}' becomes the id '{id}', as does '{names[id].Key}' in line {names[id].Mark.Line.ToString(CultureInfo.InvariantCulture)}; rename one"));
            else if (Server(entry, id, path) is { } server)
                entries.Add(new MapEntry(id, entry.Mark, server));
        }

        return root.With([new MapEntry("servers", servers.Mark, map.With(entries))]);
    }

    private ConfigurationNode? Server(MapEntry entry, string id, string path)
    {
        if (entry.Value is not MapNode map)
            return entry.Value;
        if (IsLeftOut(map, path))
            return null;
        var entries = new List<MapEntry>();
        foreach (var each in map.Entries)
        {
            var known = Synonyms.GetValueOrDefault(each.Key, each.Key);
            if (SameKeys.Contains(known) || (OwnMaps.Contains(known) && each.Value is MapNode))
                entries.Add(each with { Key = known });
            else if (each is { Key: "disabled", Value: ScalarNode { Text: "true" or "false" } flag })
                entries.Add(new MapEntry("enabled", each.Mark, new ScalarNode(flag.Mark, flag.Text == "true" ? "false" : "true")));
            else if (!TypeKeys.Contains(each.Key))
                Warn(each.Mark, SettingPath.Child(path, each.Key), $"'{each.Key}' means nothing here");
        }

        if (id != entry.Key && map.Find("title") is null)
            entries.Add(new MapEntry("title", entry.Mark, new ScalarNode(entry.Mark, entry.Key)));
        return map.With(OneTarget(map, entries));
    }

    /// <summary>Whether a server is of a kind that this version does not reach; a file of somebody else's is no reason not to start.</summary>
    private bool IsLeftOut(MapNode map, string path)
    {
        foreach (var key in TypeKeys)
        {
            if (map.Find(key) is not { Value: ScalarNode { IsNull: false } type } entry)
                continue;
            var child = SettingPath.Child(path, key);
            switch (KindOf(type.Text))
            {
                case "later":
                    Warn(type.Mark, child, $"the transport '{type.Text}' is not supported by this version yet; the server is left out");
                    return true;
                case null:
                    Warn(entry.Mark, child, $"the transport '{type.Text}' means nothing here; it follows from url or command");
                    break;
            }
        }

        return false;
    }

    /// <summary>Where both url and command stand, the type says which counts.</summary>
    private static List<MapEntry> OneTarget(MapNode map, List<MapEntry> entries)
    {
        var kind = TypeKeys.Select(map.Find).OfType<MapEntry>().Select(static entry => KindOf((entry.Value as ScalarNode)?.Text ?? "")).FirstOrDefault();
        if (kind is null || !entries.Exists(static entry => entry.Key == "url") || !entries.Exists(static entry => entry.Key == "command"))
            return entries;
        string[] unused = kind == "http" ? ["command", "args", "env", "envFile", "cwd"] : ["url", "headers"];
        return [.. entries.Where(entry => !unused.Contains(entry.Key))];
    }

    private static string? KindOf(string type) => type.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant() switch
    {
        "stdio" => "stdio",
        "http" or "streamablehttp" => "http",
        "sse" or "ws" or "websocket" => "later",
        _ => null,
    };

    private void Warn(SourceMark mark, string path, string message) => warnings.Add(ConfigurationFault.At(mark, path, message));
}
