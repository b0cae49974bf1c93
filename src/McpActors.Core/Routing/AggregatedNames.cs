using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using McpActors.Core.Servers;

namespace McpActors.Core.Routing;

/// <summary>A name that could not be shown as it would be alone, for another has taken that.</summary>
/// <param name="Name">The name at the server.</param>
/// <param name="Wanted">What it would be shown as.</param>
/// <param name="Shown">What it is shown as.</param>
public sealed record NameCollision(string Name, string Wanted, string Shown);

/// <summary>
/// The names of one server's tools or prompts where many servers are shown as one: <c>server__tool</c>, at most 64 characters of
/// <c>[A-Za-z0-9_-]</c>, which is what model APIs take. A name that fits is shown unchanged behind the prefix; any other is mended, cut,
/// and told apart by a hash over server and name, so that it stays the same on every node and over restarts. Immutable.
/// </summary>
public sealed class AggregatedNames
{
    /// <summary>Longest name shown, characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Between server and name. No server id holds an underscore, so the first one found is the border.</summary>
    public const string Separator = "__";

    private const int FirstHashLength = 8;
    private const int LongestHash = 16;
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private readonly FrozenDictionary<string, string> _shown;
    private readonly FrozenDictionary<string, string> _originals;

    /// <summary>Makes the map of a catalogue.</summary>
    /// <param name="server">The server.</param>
    /// <param name="names">The names of its tools, or of its prompts. One that is there twice counts once.</param>
    public AggregatedNames(ServerId server, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        Server = server;
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        var originals = new Dictionary<string, string>(StringComparer.Ordinal);
        var collisions = new List<NameCollision>();
        var mended = new List<string>();
        foreach (var name in names)
        {
            if (!Fits(server, name))
            {
                mended.Add(name);
            }
            else if (shown.TryAdd(name, Join(server, name)))
            {
                originals.Add(shown[name], name);
            }
        }

        // Names that fit keep what they have; the rest chooses in an order that does not depend on the server's.
        mended.Sort(StringComparer.Ordinal);
        foreach (var name in mended.Where(name => !shown.ContainsKey(name)).Distinct(StringComparer.Ordinal).ToList())
        {
            var given = FirstFree(server, name, originals);
            shown.Add(name, given);
            originals.Add(given, name);
            if (Join(server, name) is var wanted && wanted != given)
            {
                collisions.Add(new NameCollision(name, wanted, given));
            }
        }

        _shown = shown.ToFrozenDictionary(StringComparer.Ordinal);
        _originals = originals.ToFrozenDictionary(StringComparer.Ordinal);
        Collisions = collisions;
    }

    /// <summary>The server.</summary>
    public ServerId Server { get; }

    /// <summary>The names that got another than usual; as a rule none.</summary>
    public IReadOnlyList<NameCollision> Collisions { get; }

    /// <summary>Every name shown.</summary>
    public IEnumerable<string> Shown => _originals.Keys;

    /// <summary>What a name is shown as when no other is in its way.</summary>
    /// <param name="server">The server.</param>
    /// <param name="name">The name at the server.</param>
    public static string Join(ServerId server, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Fits(server, name) ? string.Concat(server.Value, Separator, name) : Mend(server, name, FirstHashLength, 0);
    }

    /// <summary>Takes a shown name apart. The second part is the name at the server unless it had to be mended: <see cref="Find"/> knows.</summary>
    public static bool TrySplit([NotNullWhen(true)] string? shown, out ServerId server, out string name)
    {
        var border = shown is null ? -1 : shown.IndexOf(Separator, StringComparison.Ordinal);
        name = "";
        server = default;
        if (border <= 0 || shown!.Length > MaxLength || !ServerId.TryParse(shown[..border], out server))
        {
            return false;
        }

        name = shown[(border + Separator.Length)..];
        return true;
    }

    /// <summary>The server's own name for a shown one; null when there is none.</summary>
    public string? Find(string shown) => _originals.GetValueOrDefault(shown);

    /// <summary>What one of the server's names is shown as; null when the catalogue has no such name.</summary>
    public string? ShownAs(string name) => _shown.GetValueOrDefault(name);

    /// <summary>The shown name that was probably meant; null when none is near.</summary>
    public string? Suggest(string shown) => NearestName.Find(shown, _originals.Keys);

    private static bool Fits(ServerId server, string name) =>
        name.Length > 0 && server.Value.Length + Separator.Length + name.Length <= MaxLength && !name.AsSpan().ContainsAnyExcept(Allowed);

    private static string FirstFree(ServerId server, string name, Dictionary<string, string> taken)
    {
        var shown = Mend(server, name, FirstHashLength, 0);
        for (var round = 1; taken.ContainsKey(shown); round++)
        {
            shown = Mend(server, name, LongestHash, round);
        }

        return shown;
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
