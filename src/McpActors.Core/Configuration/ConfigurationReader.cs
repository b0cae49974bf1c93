using System.Collections.Frozen;
using System.Net;
using McpActors.Core.Configuration.Settings;
using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration;

/// <summary>What reading a configuration came to.</summary>
/// <param name="Configuration">The configuration; the defaults stand in for what is wrong.</param>
/// <param name="Faults">What is wrong; nothing may start with one.</param>
/// <param name="Warnings">What is worth a word.</param>
public sealed record ConfigurationReading(GatewayConfiguration Configuration, IReadOnlyList<ConfigurationFault> Faults, IReadOnlyList<ConfigurationFault> Warnings);

/// <summary>Turns nodes, already merged and expanded, into a checked configuration.</summary>
public static class ConfigurationReader
{
    private static readonly string[] SqliteKeys = ["Data Source", "DataSource", "Filename"];
    private static readonly string[] PostgresKeys = ["Host", "Server"];

    /// <summary>The description of the whole file, for schema and reference.</summary>
    public static SettingType Type => RootKeys.Root;

    /// <summary>Reads everything, and reports everything that is wrong.</summary>
    /// <param name="root">The file; an empty one is the defaults.</param>
    /// <param name="inputs">What may be read beside it.</param>
    public static ConfigurationReading Read(MapNode root, IConfigurationInputs inputs)
    {
        var context = new ReadContext(inputs);
        var read = RootKeys.Root.Read(root, "", context, GatewayConfiguration.Default);
        CheckListener(root, "front", read.Front, context);
        CheckListener(root, "management", read.Management, context);
        CheckBind(root, read.Cluster, context);
        CheckSeeds(root, read.Cluster, context);
        CheckInternal(root, read.Cluster, context);
        CheckStore(root, read.Persistence, context);
        if (read.Front.Listen == read.Management.Listen && read.Front.Listen.Port != 0)
            context.Fault(MarkOf(root, "management", "listen"), "management.listen", $"found {read.Front.Listen}, which is front.listen; expected an address of its own");
        read = read with
        {
            // A path that is written was made absolute when it was read; so is the default, from the folder of the first file.
            Persistence = read.Persistence with { Connection = FilePaths.Connection(read.Persistence.Connection, root.Mark.File) },
            SensitivePaths = context.SensitivePaths.ToFrozenSet(StringComparer.Ordinal),
        };
        return new ConfigurationReading(read, context.Faults, context.Warnings);
    }

    /// <summary>The files of <c>discovery.files</c>, which must be read before the rest; their faults are reported by the whole reading.</summary>
    public static IReadOnlyList<string> DiscoveryFiles(MapNode root, IConfigurationInputs inputs)
    {
        if (root.Find("discovery") is not { } entry)
            return [];
        var only = root.With([entry]);
        return [.. RootKeys.Root.Read(only, "", new ReadContext(inputs), GatewayConfiguration.Default).Discovery.Files.Select(path => FilePaths.Home(path, inputs))];
    }

    private static void CheckListener(MapNode root, string section, ListenerOptions options, ReadContext context)
    {
        var listen = options.Listen;
        if (listen.IsLoopback)
            return;
        var (mark, path) = (MarkOf(root, section, "listen"), section + ".listen");
        if (options.Auth.Mode != AuthMode.None)
        {
            if (!options.Tls.IsOn && options.TrustedProxies.Count == 0)
                context.Warnings.Add(ConfigurationFault.At(mark, path, $"keys and calls travel in plain text to {listen}; set {section}.tls, or {section}.trustedProxies where a proxy before it speaks TLS"));
            return;
        }

        if (options.Insecure)
            context.Warnings.Add(ConfigurationFault.At(mark, path, $"{listen} is reached from other machines without authentication, because {section}.insecure is true"));
        else
            context.Fault(mark, path, $"found {listen}, which other machines reach without authentication; expected {section}.auth: {{ mode: keys }}, a loopback address such as 127.0.0.1:{listen.Port}, or {section}.insecure: true");
    }

    private static void CheckBind(MapNode root, ClusterOptions cluster, ReadContext context)
    {
        if (cluster.Bind.IsLoopback || cluster.Tls.IsOn)
            return;
        var mark = MarkOf(root, "cluster", "bind");
        if (cluster.Insecure)
            context.Warnings.Add(ConfigurationFault.At(mark, "cluster.bind", $"{cluster.Bind} is reached from other machines without TLS, because cluster.insecure is true"));
        else
            context.Fault(mark, "cluster.bind", $"found {cluster.Bind}, which other machines reach without TLS; expected cluster.tls: {{ certificate, key, ca }} ('mcpactors certs' makes them), a loopback address such as 127.0.0.1:{cluster.Bind.Port}, or cluster.insecure: true");
    }

    /// <summary>Behind a name are addresses: nodes must know each other by them, and share a port. Mixed with fixed seeds two rules would form the cluster.</summary>
    private static void CheckSeeds(MapNode root, ClusterOptions cluster, ReadContext context)
    {
        if (!cluster.SeedsAreNames)
            return;
        if (cluster.Seeds.FirstOrDefault(ClusterOptions.IsAddress) is { } seed)
            context.Fault(MarkOf(root, "cluster", "seeds"), "cluster.seeds", $"found {seed} beside a DNS name; expected host:port everywhere or DNS names everywhere");
        var (key, self) = cluster.Advertise is { } advertised ? ("advertise", advertised) : ("bind", cluster.Bind);
        if (!IPAddress.TryParse(self.Host, out _) && (self.Host != "*" || key == "advertise"))
            context.Fault(MarkOf(root, "cluster", key), $"cluster.{key}", $"found {self}, expected an IP address, because cluster.seeds is a DNS name and stands for addresses");
        if (self.Port == 0)
            context.Fault(MarkOf(root, "cluster", key), $"cluster.{key}", $"found {self}, expected a port, because cluster.seeds is a DNS name, behind which all nodes listen on the same one");
    }

    private static void CheckInternal(MapNode root, ClusterOptions cluster, ReadContext context)
    {
        if (cluster.Internal.IsLoopback || cluster.Tls.IsOn)
            return;
        var mark = MarkOf(root, "cluster", "internal");
        if (cluster.Insecure)
            context.Warnings.Add(ConfigurationFault.At(mark, "cluster.internal", $"{cluster.Internal} is reached from other machines without TLS, because cluster.insecure is true"));
        else
            context.Fault(mark, "cluster.internal", $"found {cluster.Internal}, which other machines reach without TLS; expected cluster.tls: {{ certificate, key, ca }} ('mcpactors certs' makes them), a loopback address such as 127.0.0.1:{cluster.Internal.Port}, or cluster.insecure: true");
    }

    // Only what tells the two kinds apart; the rest of a connection string is the driver's to judge. It may hold a password, so it is not shown.
    private static void CheckStore(MapNode root, PersistenceOptions store, ReadContext context)
    {
        var (keys, example) = store.Provider == PersistenceProvider.Sqlite
            ? (SqliteKeys, "Data Source=data/mcpactors.db")
            : (PostgresKeys, "Host=db;Database=mcpactors;Username=mcpactors");
        var named = store.Connection.Split(';').Select(part => part.Split('=')[0].Trim());
        if (!named.Any(name => keys.Contains(name, StringComparer.OrdinalIgnoreCase)))
            context.Fault(MarkOf(root, "persistence", "connection"), "persistence.connection", $"the connection string has no {keys[0]}; expected one for persistence.provider, such as {example}");
    }

    private static SourceMark MarkOf(MapNode root, string section, string key)
    {
        var map = root.Find(section)?.Value as MapNode;
        return map?.Find(key)?.Value.Mark ?? map?.Mark ?? root.Mark;
    }
}
