using System.Globalization;

namespace McpActors.Core.Discovery.Containers;

/// <summary>
/// The labels that make a container a server. None of them chooses a program, a mount or a user: whoever can label a container can make the gateway send calls to
/// that container, and nothing else.
/// </summary>
/// <param name="server">The label whose value is the server's id, such as <c>mcpactors.server</c>; the others have the same prefix.</param>
public sealed class ContainerLabels(string server)
{
    private const int LongestTitle = 200;
    private const int LongestPath = 300;

    private readonly string _prefix = server[..(server.LastIndexOf('.') + 1)] is { Length: > 0 } prefix ? prefix : server + ".";

    /// <summary>The id.</summary>
    public string Server => server;

    /// <summary>The port inside; where the container exposes one port only, that one.</summary>
    public string Port => _prefix + "port";

    /// <summary>The path of the endpoint; by default <c>/mcp</c>.</summary>
    public string Path => _prefix + "path";

    /// <summary>The network whose address counts; by default the first by name.</summary>
    public string Network => _prefix + "network";

    /// <summary>A name for people; by default the container's.</summary>
    public string Title => _prefix + "title";

    /// <summary>The name for people.</summary>
    public string TitleOf(ContainerFacts container)
    {
        var title = Value(container, Title) ?? container.Name;
        return title.Length <= LongestTitle ? title : title[..LongestTitle];
    }

    /// <summary>Where the server of a container is, or why that cannot be told.</summary>
    public (Uri? Url, string Fault) AddressOf(ContainerFacts container, ContainerReach reach)
    {
        var (port, fault) = PortOf(container);
        if (port is not { } inside)
            return (null, fault);
        var path = Value(container, Path) ?? "/mcp";
        if (!IsPath(path))
            return (null, $"the label {Path} of container '{container.Name}' is '{path}', expected a path such as /mcp");
        var (host, outside, why) = HostOf(container, inside, reach);
        return host is null ? (null, why) : (new UriBuilder(Uri.UriSchemeHttp, host, outside, path).Uri, "");
    }

    private (int? Port, string Fault) PortOf(ContainerFacts container)
    {
        if (Value(container, Port) is { } text)
        {
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var said) && said is > 0 and <= 65535
                ? (said, "")
                : (null, $"the label {Port} of container '{container.Name}' is '{text}', expected a port from 1 to 65535");
        }

        var exposed = container.Ports.Select(static port => port.Private).Distinct().ToList();
        return exposed.Count == 1 ? (exposed[0], "") : (null, $"container '{container.Name}' exposes {(exposed.Count == 0 ? "no port" : $"{exposed.Count} ports")}; its label {Port} must say which is the server's");
    }

    private (string? Host, int Port, string Fault) HostOf(ContainerFacts container, int inside, ContainerReach reach)
    {
        if (container.IsOnHostNetwork)
            return (reach.Host, inside, "");
        if (!reach.ByPublishedPort)
        {
            var named = Value(container, Network);
            var addresses = container.Addresses.Where(pair => pair.Value.Length > 0 && (named is null || pair.Key == named)).OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => pair.Value);
            if (addresses.FirstOrDefault() is { } address)
                return (address, inside, "");
            if (named is not null)
                return (null, 0, $"container '{container.Name}' has no address in the network '{named}', which its label {Network} names");
        }

        var published = container.Ports.Where(port => port.Private == inside && port.Published is not null).ToList();
        if (published.Count == 0)
            return (null, 0, $"container '{container.Name}' publishes no port for {inside}, and {(reach.ByPublishedPort ? "only published ports are used" : "it has no address of its own")}");
        // What is published for the loopback alone is nothing to other machines.
        var open = published.Find(port => !IsLoopback(port.PublishedAt)) ?? (IsLoopback(reach.Host) ? published[0] : null);
        return open is null
            ? (null, 0, $"container '{container.Name}' publishes {inside} at {published[0].PublishedAt} only, which other machines cannot reach")
            : (reach.Host, open.Published!.Value, "");
    }

    private static string? Value(ContainerFacts container, string label) => container.Labels.TryGetValue(label, out var value) && value.Length > 0 ? value : null;

    private static bool IsLoopback(string host) =>
        host == "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));

    private static bool IsPath(string path) =>
        path.Length <= LongestPath && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '.' or '_' or '~')
        && !path.Split('/').Any(static part => part is "." or "..");
}
