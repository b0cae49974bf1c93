using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using McpActors.Core.Configuration;

namespace McpActors.Cluster.Hosting;

/// <summary>Where a node that listens on all addresses is reached when nobody says it: at an address of its machine.</summary>
public static class OwnAddress
{
    /// <summary>The host that other nodes use: <c>cluster.advertise</c>, else that of <c>cluster.bind</c>, else an address of this machine.</summary>
    public static string Of(ClusterOptions cluster) => cluster.Advertise?.Host ?? (IsAny(cluster.Bind.Host) ? Find() : cluster.Bind.Host);

    /// <summary>Whether a host stands for all addresses of the machine.</summary>
    public static bool IsAny(string host) => host is "*" or "0.0.0.0" or "::";

    /// <summary>The first address that others may reach, IPv4 before IPv6; loopback where there is none.</summary>
    private static string Find()
    {
        var found = NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => address is { IsIPv6LinkLocal: false } && !IsSelfAssigned(address))
            .ToList();
        var address = found.Find(address => address.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault() ?? IPAddress.Loopback;
        return address.ToString();
    }

    /// <summary>169.254.0.0/16: a card that got no address.</summary>
    private static bool IsSelfAssigned(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..];
}
