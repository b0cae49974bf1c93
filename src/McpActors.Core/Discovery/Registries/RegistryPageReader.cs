using System.Globalization;
using System.Text.Json;

namespace McpActors.Core.Discovery.Registries;

/// <summary>Reads what <c>GET /v0.1/servers</c> answers. Tolerant in what it does not need, so that one odd entry does not hide the others.</summary>
public static class RegistryPageReader
{
    private const int Depth = 64;
    private const string Notes = "io.modelcontextprotocol.registry/official";

    /// <summary>Reads a page.</summary>
    /// <exception cref="FormatException">It is no such page.</exception>
    public static RegistryPage Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Depth });
            return Read(document.RootElement);
        }
        catch (JsonException fault)
        {
            throw new FormatException($"the answer is no JSON: {fault.Message}");
        }
    }

    private static RegistryPage Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("servers", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new FormatException("the answer has no list 'servers'; expected what GET /v0.1/servers of an MCP registry answers");
        var servers = new List<ServerJson>(list.GetArrayLength());
        var unreadable = 0;
        foreach (var entry in list.EnumerateArray())
        {
            if (Server(entry) is { } server)
                servers.Add(server);
            else
                unreadable++;
        }

        var cursor = Text(Member(root, "metadata"), "nextCursor");
        return new RegistryPage(servers, unreadable, cursor.Length == 0 ? null : cursor);
    }

    private static ServerJson? Server(JsonElement entry)
    {
        var server = Member(entry, "server");
        var name = Text(server, "name");
        if (!RegistryName.IsValid(name))
            return null;
        var notes = Member(Member(entry, "_meta"), Notes);
        var status = Text(notes, "status");
        return new ServerJson
        {
            Name = name,
            Title = Cut(Text(server, "title")),
            Version = Cut(Text(server, "version")),
            Status = status.Length == 0 ? "active" : status,
            IsLatest = Member(notes, "isLatest").ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null },
            PublishedAt = Time(notes, "publishedAt"),
            UpdatedAt = Time(notes, "updatedAt"),
            Remotes = [.. Items(server, "remotes").Select(Remote)],
            Packages = [.. Items(server, "packages").Select(Package)],
        };
    }

    private static RemoteJson Remote(JsonElement remote) => new(Text(remote, "type"), Text(remote, "url"))
    {
        Headers = [.. Items(remote, "headers").Select(Input)],
        Variables = Variables(remote),
    };

    private static PackageJson Package(JsonElement package)
    {
        var transport = Text(Member(package, "transport"), "type");
        return new PackageJson(Text(package, "registryType"), Text(package, "identifier"))
        {
            Version = Text(package, "version"),
            Transport = transport.Length == 0 ? "stdio" : transport,
            RuntimeArguments = [.. Items(package, "runtimeArguments").Select(Argument)],
            Arguments = [.. Items(package, "packageArguments").Select(Argument)],
            Environment = [.. Items(package, "environmentVariables").Select(Input)],
        };
    }

    private static ArgumentJson Argument(JsonElement argument) => new(Input(argument), Text(argument, "type") == "named");

    private static InputJson Input(JsonElement input) => new(Text(input, "name"))
    {
        Description = Cut(Text(input, "description")),
        Value = Optional(input, "value"),
        Default = Optional(input, "default"),
        IsRequired = Flag(input, "isRequired"),
        IsSecret = Flag(input, "isSecret"),
        Variables = Variables(input),
    };

    private static InputJson[] Variables(JsonElement owner) => Member(owner, "variables") is { ValueKind: JsonValueKind.Object } map
        ? [.. map.EnumerateObject().Select(static variable => Input(variable.Value) with { Name = variable.Name })]
        : [];

    private static JsonElement[] Items(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static JsonElement Member(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var member) ? member : default;

    private static string Text(JsonElement owner, string name) => Optional(owner, name) ?? "";

    private static string? Optional(JsonElement owner, string name) => Member(owner, name) switch
    {
        { ValueKind: JsonValueKind.String } text => Decoded(text),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } plain => plain.GetRawText(),
        _ => null,
    };

    private static string? Decoded(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // escapes that are no text
        }
    }

    private static bool Flag(JsonElement owner, string name) => Member(owner, name).ValueKind == JsonValueKind.True;

    private static DateTimeOffset? Time(JsonElement owner, string name) =>
        DateTimeOffset.TryParse(Text(owner, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>Text for people: short, one line.</summary>
    private static string Cut(string text)
    {
        var line = new string([.. text.Where(static c => !char.IsControl(c)).Take(200)]);
        return line.Length > 0 && char.IsHighSurrogate(line[^1]) ? line[..^1] : line;
    }
}
