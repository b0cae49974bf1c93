using System.Buffers;
using System.Text.Json;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery.Registries;

/// <summary>What of a registry's servers a person must approve before they are used. What starts a process always must be.</summary>
public enum ApprovalMode
{
    /// <summary>
    /// Also services, unless <c>include</c> chooses them by name and their address is https at a public name. The default: an operator who wrote the name
    /// down has decided; one who takes everything a registry lists has not, and a registry must not point the gateway into the private network.
    /// </summary>
    Auto,

    /// <summary>Everything.</summary>
    Required,

    /// <summary>Nothing else: services are taken as they are listed, whatever their address.</summary>
    Processes,
}

/// <summary>Makes a server definition of a <c>server.json</c>. Nothing of it is looked up or expanded, and it never chooses a program.</summary>
public static class ServerJsonMapping
{
    private const int MaxReason = 300;
    private const int MostNeeds = 16;
    private const int MaxNeedName = 100;

    /// <summary>The server of one entry.</summary>
    /// <param name="json">The entry.</param>
    /// <param name="mode">What must be approved.</param>
    /// <param name="isChosen">Whether the operator's patterns name it.</param>
    public static DiscoveredServer Map(ServerJson json, ApprovalMode mode, bool isChosen)
    {
        var server = new DiscoveredServer(ServerId.FromName(json.Name), json.Name)
        {
            Title = json.Title.Length == 0 ? json.Name : json.Title,
            Version = json.Version,
        };
        // A service needs no process and no approval of one; a form that needs nothing configured is better than one that does.
        IReadOnlyList<Form> forms = [.. json.Remotes.Select(RemoteForms.Read), .. json.Packages.Select(PackageForms.Read)];
        var usable = forms.Where(static form => form.Unavailable.Length == 0).ToList();
        if (usable.Count == 0)
        {
            return server with
            {
                Unavailable = forms.Count == 0 ? "it lists neither remotes nor packages" : Cut(string.Join("; ", forms.Select(static form => form.Unavailable).Distinct(StringComparer.Ordinal))),
            };
        }

        var best = usable.Find(static form => form.Needs.Count == 0) ?? usable[0];
        var definition = Write(server.Title, best);
        if (definition.Length > DiscoveredServer.MaxDefinitionBytes)
            return server with { Unavailable = $"its definition takes {definition.Length} bytes, at most {DiscoveredServer.MaxDefinitionBytes} are taken" };
        if (best.Needs.Count > MostNeeds || best.Needs.Any(static need => need.Name.Length > MaxNeedName))
            return server with { Unavailable = $"it needs {best.Needs.Count} settings of people; at most {MostNeeds} with names of at most {MaxNeedName} characters are taken" };
        return server with { Definition = definition, Needs = best.Needs, ApprovalReason = Cut(ApprovalReason(best, mode, isChosen)) };
    }

    /// <summary>Reasons are for people, and travel with every server.</summary>
    private static string Cut(string text) => text.Length <= MaxReason ? text : text[..(MaxReason - 1)] + "…";

    private static string ApprovalReason(Form form, ApprovalMode mode, bool isChosen)
    {
        if (form.Command is { } command)
            return $"it starts a process: {command} {string.Join(' ', form.Arguments)}";
        return mode switch
        {
            ApprovalMode.Processes => "",
            ApprovalMode.Required => $"approval is required for everything of this registry; it sends calls to {form.Url}",
            _ when !RemoteForms.IsPublic(form.Url!) => $"it sends calls to {form.Url}, which is not https at a public name",
            _ when !isChosen => $"no include pattern names it; it sends calls to {form.Url}",
            _ => "",
        };
    }

    private static byte[] Write(string title, Form form)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("title", title);
            if (form.Url is { } url)
                writer.WriteString("url", url.OriginalString);
            if (form.Command is { } command)
            {
                writer.WriteString("command", command);
                writer.WriteStartArray("args");
                foreach (var argument in form.Arguments)
                    writer.WriteStringValue(argument);
                writer.WriteEndArray();
            }

            if (form.Values.Count > 0)
            {
                writer.WriteStartObject(form.Url is null ? "env" : "headers");
                foreach (var (name, value) in form.Values)
                    writer.WriteString(name, value);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>One way to reach a server: a remote or a package.</summary>
internal sealed record Form
{
    /// <summary>Why it cannot be used; empty when it can.</summary>
    public string Unavailable { get; init; } = "";

    /// <summary>A service's address.</summary>
    public Uri? Url { get; init; }

    /// <summary>A process' program.</summary>
    public string? Command { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Headers of a service, variables of a process.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What must be configured first.</summary>
    public IReadOnlyList<SettingNeed> Needs { get; init; } = [];

    /// <summary>A form that cannot be used.</summary>
    public static Form No(string reason) => new() { Unavailable = reason };
}
