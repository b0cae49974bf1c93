using System.Security.Cryptography;
using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery.Sources;

/// <summary>What a person must supply before a discovered server can be used.</summary>
/// <param name="Kind"><see cref="Header"/> or <see cref="Environment"/>.</param>
/// <param name="Name">The header or variable.</param>
/// <param name="Description">What the source says it is for; may be empty.</param>
public sealed record SettingNeed(string Kind, string Name, string Description)
{
    /// <summary>A header of every request.</summary>
    public const string Header = "header";

    /// <summary>An environment variable of the process.</summary>
    public const string Environment = "env";

    /// <summary>Whether <paramref name="model"/> supplies it.</summary>
    public bool IsMetBy(ServerModel model) =>
        (Kind == Header ? model.Headers : model.Environment).TryGetValue(Name, out var value) && value.Length > 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>A server as a source says it.</summary>
/// <param name="Id">Its id here: a stable slug of its name.</param>
/// <param name="Name">Its name at the source.</param>
public sealed record DiscoveredServer(ServerId Id, string Name)
{
    /// <summary>Longest definition, bytes: many of them travel in one message.</summary>
    public const int MaxDefinitionBytes = 16 * 1024;

    private const int HashBytes = 16;

    /// <summary>Name for people.</summary>
    public string Title { get; init; } = "";

    /// <summary>Its version at the source; empty when it has none.</summary>
    public string Version { get; init; } = "";

    /// <summary>Its definition as JSON, with the keys of the file's <c>servers.{id}</c>; null when there is none that can be used, and <see cref="Unavailable"/> says why.</summary>
    public ReadOnlyMemory<byte>? Definition { get; init; }

    /// <summary>Why a person must approve it before it is used; empty when nobody must.</summary>
    public string ApprovalReason { get; init; } = "";

    /// <summary>What must be configured before it can be used.</summary>
    public IReadOnlyList<SettingNeed> Needs { get; init; } = [];

    /// <summary>Why it cannot be used by this version or in this form; empty when it can.</summary>
    public string Unavailable { get; init; } = "";

    /// <summary>Hash of id and definition: what an approval is bound to. Empty without a definition.</summary>
    public string Hash => Definition is { } bytes ? Digest(writer => writer.Append(Id.Value).Append('\n').Append(Encoding.UTF8.GetString(bytes.Span))) : "";

    /// <summary>Whether <paramref name="other"/> says the same.</summary>
    public bool Says(DiscoveredServer other) => Fingerprint == other.Fingerprint;

    private string Fingerprint => Digest(writer => writer.AppendJoin('\n', Id.Value, Name, Title, Version, Hash, ApprovalReason, Unavailable, string.Join('\t', Needs)));

    private static string Digest(Action<StringBuilder> write)
    {
        var text = new StringBuilder();
        write(text);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, HashBytes));
    }
}
