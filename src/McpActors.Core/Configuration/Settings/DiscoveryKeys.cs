using McpActors.Core.Discovery.Registries;
using McpActors.Core.Servers;

namespace McpActors.Core.Configuration.Settings;

/// <summary>The keys of <c>discovery</c>.</summary>
internal static class DiscoveryKeys
{
    private static readonly SectionType<RegistryOptions> Registry = new SectionType<RegistryOptions>(RegistryOptions.Default)
        .Key("url", new OptionalReferenceType<Uri>(SettingTypes.HttpUrl), static o => o.Url, static (o, v) => o with { Url = v },
            "Its address, without /v0.1.")
        .Key("include", new ListType<string>(SettingTypes.Text("a pattern of names such as io.github.acme/*", static t => t.Length is > 0 and <= 200), "a list of patterns such as io.github.acme/*") { TakesOne = true },
            static o => o.Include, static (o, v) => o with { Include = v },
            "Names that are taken, * for any text; empty takes all.")
        .Key("interval", SettingTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)), static o => o.Interval, static (o, v) => o with { Interval = v },
            "Between two questions, a tenth more or less; sooner after a failure.")
        .Key("timeout", SettingTypes.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)), static o => o.Timeout, static (o, v) => o with { Timeout = v },
            "For one page.")
        .Key("approval", SettingTypes.Choice(("auto", ApprovalMode.Auto), ("required", ApprovalMode.Required), ("processes", ApprovalMode.Processes)),
            static o => o.Approval, static (o, v) => o with { Approval = v },
            "What must be approved beside what starts a process: required is everything, auto is services that include does not choose or that are not https at a public name, processes is nothing.")
        .Key("headers", new MapType<string>(SettingTypes.Text("a text of printable ASCII characters", ServerRules.IsHeaderValue), "a map of header names to texts", "")
        { CheckName = ServerRules.Header, Comparer = StringComparer.OrdinalIgnoreCase, MasksByName = true },
            static o => o.Headers, static (o, v) => o with { Headers = v },
            "Headers of every request to it, such as its key.")
        .Checked([new SettingRule<RegistryOptions>("url", "the address of an MCP registry, http:// or https://", static o => o.Url is not null)]);

    private static readonly SectionType<DockerDiscoveryOptions> Docker = new SectionType<DockerDiscoveryOptions>(DockerDiscoveryOptions.Default)
        .Key("enabled", SettingTypes.Boolean, static o => o.Enabled, static (o, v) => o with { Enabled = v },
            "Whether each node asks its engine, at DOCKER_HOST or the engine's own socket. With DOCKER_TLS_VERIFY by mutual TLS, with ca.pem, cert.pem and key.pem of DOCKER_CERT_PATH. Who may use an engine rules its machine: give it to nodes that may.")
        .Key("label", SettingTypes.Text("the name of a label, such as mcpactors.server", IsLabel), static o => o.Label, static (o, v) => o with { Label = v },
            "The label whose value is the server's id. With the same prefix, and all optional: port (the one exposed), path (/mcp), network (the first by name), title (the container's name).")
        .Key("address", SettingTypes.Choice(("container", ContainerAddress.Container), ("published", ContainerAddress.Published)), static o => o.Address, static (o, v) => o with { Address = v },
            "container: the container's own address, which its machine reaches; published: its published port at the node's address, for clusters of several machines.");

    /// <summary>The whole section.</summary>
    public static SectionType<DiscoveryOptions> Discovery { get; } = new SectionType<DiscoveryOptions>(DiscoveryOptions.Default)
        .Key("files", new ListType<string>(SettingTypes.Path(), "a list of paths"), static o => o.Files, static (o, v) => o with { Files = v },
            "Files in the mcpServers form (or servers of VS Code) whose servers are added; watched. One that breaks or goes keeps what it said before.")
        .Key("registries", new ListType<RegistryOptions>(Registry, "a list of registries") { ItemDefault = RegistryOptions.Default },
            static o => o.Registries, static (o, v) => o with { Registries = v },
            "MCP registries that answer /v0.1/servers; of two that list the same id, the first counts.")
        .Key("docker", Docker, static o => o.Docker, static (o, v) => o with { Docker = v }, "Labelled containers; those with the same id are replicas of one server.")
        .Checked([new SettingRule<DiscoveryOptions>("registries", "each address once", static o => o.Registries.Select(static r => r.Url).Distinct().Count() == o.Registries.Count)]);

    private static bool IsLabel(string text) => text.Length is > 0 and <= 100 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/') && text[^1] != '.';
}
