using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using McpActors.Core.Servers;

namespace McpActors.Core.Routing;

/// <summary>A name that could not be exposed as it would be alone, for another has taken that.</summary>
/// <param name="Name">The name at the server.</param>
/// <param name="Wanted">What it would be exposed as.</param>
/// <param name="Exposed">What it is exposed as.</param>
public sealed record NameCollision(string Name, string Wanted, string Exposed);

/// <summary>
/// The names of one server's tools or prompts where many servers are shown as one: <c>server__tool</c>, at most 64 characters of
/// <c>[A-Za-z0-9_-]</c>, which is what model APIs take. A name that fits is exposed unchanged behind the prefix; any other is mended, cut,
/// and told apart by a hash over server and name, so that it stays the same on every node and over restarts. Immutable.
/// </summary>
public sealed class AggregatedNames
{
    /// <summary>Longest name exposed, characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Between server and name. No server id holds an underscore, so the first one found is the border.</summary>
    public const string Separator = "__";

    private const int FirstHashLength = 8;
    private const int LongestHash = 16;
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private static readonly SearchValues<char> HashDigits = SearchValues.Create("0123456789abcdef");

    private readonly FrozenDictionary<string, string> _exposed;
    private readonly FrozenDictionary<string, string> _originals;

    /// <summary>Makes the map of a catalogue.</summary>
    /// <param name="server">The server.</param>
    /// <param name="names">The names of its tools, or of its prompts. One that is there twice counts once.</param>
    public AggregatedNames(ServerId server, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        Server = server;
        var exposed = new Dictionary<string, string>(StringComparer.Ordinal);
        var originals = new Dictionary<string, string>(StringComparer.Ordinal);
        var collisions = new List<NameCollision>();
        var mended = new List<string>();
        foreach (var name in names)
        {
            if (!Fits(server, name))
            {
                mended.Add(name);
            }
            else if (exposed.TryAdd(name, Expose(server, name)))
            {
                originals.Add(exposed[name], name);
            }
        }

        // Names that fit keep what they have; the rest chooses in an order that does not depend on the server's.
        mended.Sort(StringComparer.Ordinal);
        foreach (var name in mended.Where(name => !exposed.ContainsKey(name)).Distinct(StringComparer.Ordinal).ToList())
        {
            var given = FirstFree(server, name, originals);
            exposed.Add(name, given);
            originals.Add(given, name);
            if (Expose(server, name) is var wanted && wanted != given)
            {
                collisions.Add(new NameCollision(name, wanted, given));
            }
        }

        _exposed = exposed.ToFrozenDictionary(StringComparer.Ordinal);
        _originals = originals.ToFrozenDictionary(StringComparer.Ordinal);
        Collisions = collisions;
    }

    /// <summary>The server.</summary>
    public ServerId Server { get; }

    /// <summary>The names that got another than usual; as a rule none.</summary>
    public IReadOnlyList<NameCollision> Collisions { get; }

    /// <summary>Every name exposed.</summary>
    public IEnumerable<string> Exposed => _originals.Keys;

    /// <summary>What a name is exposed as when no other is in its way.</summary>
    /// <param name="server">The server.</param>
    /// <param name="name">The name at the server.</param>
    public static string Expose(ServerId server, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Fits(server, name) ? string.Concat(server.Value, Separator, name) : Mend(server, name, FirstHashLength, 0);
    }

    /// <summary>Takes an exposed name apart. The second part is the name at the server unless it had to be mended: <see cref="Find"/> knows.</summary>
    public static bool TrySplit([NotNullWhen(true)] string? exposed, out ServerId server, out string name)
    {
        var border = exposed is null ? -1 : exposed.IndexOf(Separator, StringComparison.Ordinal);
        name = "";
        server = default;
        if (border <= 0 || exposed!.Length > MaxLength || !ServerId.TryParse(exposed[..border], out server))
        {
            return false;
        }

        name = exposed[(border + Separator.Length)..];
        return true;
    }

    /// <summary>
    /// Whether a name may have been mended or cut, so that only the catalogue tells the server's own; any other is the second part of
    /// <see cref="TrySplit"/>, for a name that fits keeps its place.
    /// </summary>
    public static bool MayBeCut(string exposed)
    {
        ArgumentNullException.ThrowIfNull(exposed);
        return EndsInHash(exposed, FirstHashLength) || EndsInHash(exposed, LongestHash);
    }

    /// <summary>The server's own name for an exposed one; null when there is none.</summary>
    public string? Find(string exposed) => _originals.GetValueOrDefault(exposed);

    /// <summary>What one of the server's names is exposed as; null when the catalogue has no such name.</summary>
    public string? ExposedAs(string name) => _exposed.GetValueOrDefault(name);

    /// <summary>The exposed name that was probably meant; null when none is near.</summary>
    public string? Suggest(string exposed) => NearestName.Find(exposed, _originals.Keys);

    private static bool Fits(ServerId server, string name) =>
        name.Length > 0 && server.Value.Length + Separator.Length + name.Length <= MaxLength && !name.AsSpan().ContainsAnyExcept(Allowed);

    private static bool EndsInHash(string exposed, int length) =>
        exposed.Length > length && exposed[^(length + 1)] == '_' && !exposed.AsSpan()[^length..].ContainsAnyExcept(HashDigits);

    private static string FirstFree(ServerId server, string name, Dictionary<string, string> taken)
    {
        var exposed = Mend(server, name, FirstHashLength, 0);
        for (var round = 1; taken.ContainsKey(exposed); round++)
        {
            exposed = Mend(server, name, LongestHash, round);
        }

        return exposed;
    }

    private static string Mend(ServerId server, string name, int hashLength, int round)
    {
        var room = MaxLength - server.Value.Length - Separator.Length - 1 - hashLength;
        var text = new StringBuilder(MaxLength).Append(server.Value).Append(Separator);
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, room)))
        {
            text.Append(Allowed.Contains(c) ? c : '_');
        }

        var source = string.Create(CultureInfo.InvariantCulture, $"{server.Value}\n{round}\n{name}");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(source));
        return text.Append('_').Append(Convert.ToHexStringLower(hash), 0, hashLength).ToString();
    }
}
