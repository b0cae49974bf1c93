using System.Globalization;
using System.Net;

namespace McpActors.Core.Configuration;

/// <summary>A host (name or address) and a port, written <c>host:port</c>, IPv6 addresses in brackets.</summary>
/// <param name="Host">Name or address, without brackets.</param>
/// <param name="Port">0 to 65,535; 0 takes a free one.</param>
public readonly record struct HostPort(string Host, int Port)
{
    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLoopback =>
        string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Reads <c>host:port</c>.</summary>
    public static bool TryParse(string text, out HostPort value)
    {
        value = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65_535)
            return false;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            if (!host.Contains(':') || !IPAddress.TryParse(host, out _))
                return false;
        }
        else if (!IsHost(host))
        {
            return false;
        }

        value = new HostPort(host, port);
        return true;
    }

    /// <summary>Whether <paramref name="text"/> is a host name, an IPv4 address or <c>*</c>.</summary>
    public static bool IsHost(string text) => text == "*" || Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4;

    /// <inheritdoc/>
    public override string ToString() =>
        (Host?.Contains(':') == true ? $"[{Host}]" : Host) + ":" + Port.ToString(CultureInfo.InvariantCulture);
}
