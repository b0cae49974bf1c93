using System.Net;
using System.Net.Sockets;
using McpActors.Core.Configuration;

namespace McpActors.Gateway.Hosting;

/// <summary>Tries the node's addresses before anything is started: a start that must fail fails at once, in one line that names the setting.</summary>
internal static class ListenCheck
{
    /// <summary>What is wrong with the addresses, a line each; empty when all are free.</summary>
    public static IReadOnlyList<string> Faults(GatewayConfiguration configuration) =>
    [
        .. new[]
        {
            Fault("front.listen", configuration.Front.Listen),
            Fault("management.listen", configuration.Management.Listen),
            Fault("cluster.bind", configuration.Cluster.Bind),
        }.OfType<string>(),
    ];

    /// <summary>The line for an address that was free a moment ago.</summary>
    public static string InUse(string setting, HostPort address) =>
        $"Port {address.Port} ({setting}: {address}) is in use. Another node may run already: stop it, or set {setting} to another port.";

    private static string? Fault(string setting, HostPort address)
    {
        if (AddressOf(address.Host) is not { } ip)
            return setting == "cluster.bind" ? null : $"{setting} takes an address of this machine, localhost or *, found '{address.Host}'.";
        if (address.Port == 0)
            return null; // a free port is found by asking for one
        try
        {
            using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(ip, address.Port));
            socket.Listen(1);
            return null;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => InUse(setting, address),
                SocketError.AddressNotAvailable => $"This machine has no address {address.Host}: set {setting} to one that it has, or to 0.0.0.0 for all.",
                SocketError.AccessDenied => $"The system does not let this user listen on port {address.Port} ({setting}: {address}); take a port from 1024 on.",
                _ => $"Cannot listen on {setting}: {address}: {fault.Message}",
            };
        }
    }

    /// <summary>The address that a host stands for; null for a name.</summary>
    public static IPAddress? AddressOf(string host) =>
        host == "localhost" ? IPAddress.Loopback : host == "*" ? IPAddress.Any : IPAddress.TryParse(host, out var ip) ? ip : null;
}
