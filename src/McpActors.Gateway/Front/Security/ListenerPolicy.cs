using System.Buffers;
using System.Collections.Frozen;
using System.Net;

namespace McpActors.Gateway.Front.Security;

/// <summary>
/// Which <c>Host</c> and <c>Origin</c> values one listener answers to: loopback always, and what the operator listed.
/// A page on a rebound DNS name reaches a loopback listener, but it cannot make the browser send another Host or Origin.
/// </summary>
public sealed class ListenerPolicy
{
    private static readonly SearchValues<char> NoAuthority = SearchValues.Create("/\\@ ?#%");

    private readonly FrozenSet<string> _hosts;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _hostLookup;
    private readonly FrozenSet<string> _origins;

    /// <param name="allowedHosts">Names or <c>name:port</c>; without a port every port is allowed.</param>
    /// <param name="allowedOrigins">Origins as browsers send them, <c>scheme://host[:port]</c>.</param>
    /// <param name="publicUrl">The URL users reach the listener by; its host and its origin are allowed.</param>
    public ListenerPolicy(IEnumerable<string> allowedHosts, IEnumerable<string> allowedOrigins, Uri? publicUrl = null)
    {
        var hosts = new HashSet<string>(allowedHosts, StringComparer.OrdinalIgnoreCase);
        var origins = new HashSet<string>(allowedOrigins.Select(static o => o.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);
        if (publicUrl is not null)
        {
            hosts.Add(publicUrl.Authority);
            origins.Add(publicUrl.GetLeftPart(UriPartial.Authority));
        }

        _hosts = hosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _hostLookup = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
        _origins = origins.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Loopback only: what a listener without any setting answers to.</summary>
    public static ListenerPolicy LoopbackOnly { get; } = new([], []);

    /// <summary>Whether the value of a <c>Host</c> header is one this listener answers to.</summary>
    public bool AllowsHost(ReadOnlySpan<char> host)
    {
        if (!TrySplit(host, out var name, out _))
            return false;
        return IsLoopback(name) || _hostLookup.Contains(host) || _hostLookup.Contains(name);
    }

    /// <summary>Whether the value of an <c>Origin</c> header is one this listener answers to. <c>null</c> origins are not.</summary>
    public bool AllowsOrigin(string origin)
    {
        if (_origins.Contains(origin))
            return true;
        ReadOnlySpan<char> authority;
        if (origin.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            authority = origin.AsSpan(7);
        else if (origin.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            authority = origin.AsSpan(8);
        else
            return false;
        return AllowsHost(authority);
    }

    /// <summary>Splits <c>name[:port]</c>; anything with user information, a path or blanks is no authority.</summary>
    private static bool TrySplit(ReadOnlySpan<char> host, out ReadOnlySpan<char> name, out ReadOnlySpan<char> port)
    {
        name = host;
        port = default;
        if (host.IsEmpty || host.Length > 260 || host.ContainsAny(NoAuthority))
            return false;
        var portAt = host[0] == '[' ? host.IndexOf(']') + 1 : host.IndexOf(':');
        if (host[0] == '[' && portAt == 0)
            return false;
        if (portAt < 0 || portAt == host.Length)
            return true;
        if (host[portAt] != ':')
            return false;
        name = host[..portAt];
        port = host[(portAt + 1)..];
        return port.IsEmpty || (port.Length <= 5 && port.IndexOfAnyExceptInRange('0', '9') < 0);
    }

    private static bool IsLoopback(ReadOnlySpan<char> name)
    {
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name is "127.0.0.1" or "[::1]")
            return true;
        var bare = name.Length > 2 && name[0] == '[' ? name[1..^1] : name;
        // Only the canonical spelling: "127.1" or "0x7f.1" parse to loopback but no client writes them.
        Span<char> canonical = stackalloc char[64];
        return IPAddress.TryParse(bare, out var address)
            && IPAddress.IsLoopback(address)
            && address.TryFormat(canonical, out var written)
            && bare.Equals(canonical[..written], StringComparison.OrdinalIgnoreCase);
    }
}
