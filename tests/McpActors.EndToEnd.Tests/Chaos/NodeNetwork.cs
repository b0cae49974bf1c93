using System.Globalization;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// A network namespace for each node, joined by a bridge that this process is on too, and rules that cut nodes off from each other. Nothing leaves the machine.
/// The bridge has a namespace of its own, so that no firewall of the machine has a say. Needs root, iproute2 and iptables.
/// </summary>
internal sealed class NodeNetwork : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly int _count;
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"mca{Environment.ProcessId % 100_000}");
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"10.{64 + (Environment.ProcessId % 64)}.{Environment.ProcessId / 64 % 250}");
    private readonly List<ChaosProxy> _proxies = [];
    private readonly Dictionary<Uri, Uri> _reached = [];

    private NodeNetwork(int count) => _count = count;

    private string Hub => $"{_name}-hub";

    private string Host => $"{_prefix}.254";

    /// <summary>Makes it. Where that is not possible the calling test is skipped with the reason; in CI it fails.</summary>
    public static async Task<NodeNetwork> CreateAsync(int count)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Checkout.Missing("network namespaces need Linux and root");
        if (!File.Exists("/usr/sbin/ip") || !File.Exists("/usr/sbin/iptables"))
            Checkout.Missing("iproute2 or iptables is not installed (Debian: apt-get install iproute2 iptables)");
        var network = new NodeNetwork(count);
        try
        {
            await network.MakeAsync();
        }
        catch (InvalidOperationException refused)
        {
            await network.DisposeAsync();
            Checkout.Missing($"network namespaces cannot be made here: {refused.Message}");
        }

        return network;
    }

    /// <summary>The address of a node.</summary>
    public string AddressOf(int node) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}.{node + 1}");

    /// <summary>What runs a program as a node.</summary>
    public IReadOnlyList<string> Through(int node) => ["/usr/sbin/ip", "netns", "exec", NameOf(node)];

    /// <summary>Where the nodes find something that listens on this machine's loopback.</summary>
    public Uri Reached(Uri local)
    {
        if (!_reached.TryGetValue(local, out var reached))
        {
            var proxy = ChaosProxy.Start(Host, local);
            _proxies.Add(proxy);
            _reached[local] = reached = new UriBuilder(local) { Host = Host, Port = proxy.Port }.Uri;
        }

        return reached;
    }

    /// <summary>Drops what one node sends to another.</summary>
    public Task CutAsync(int from, int to) => RuleAsync(to, "-I", AddressOf(from));

    /// <summary>Drops everything between two nodes.</summary>
    public async Task PartAsync(int one, int other)
    {
        await CutAsync(one, other);
        await CutAsync(other, one);
    }

    /// <summary>Drops a share of all that reaches a node from others.</summary>
    public async Task LoseAsync(int node, double share)
    {
        for (var other = 0; other < _count; other++)
        {
            if (other != node)
                await InAsync(node, "iptables", "-I", "INPUT", "-s", AddressOf(other), "-m", "statistic", "--mode", "random", "--probability", share.ToString(CultureInfo.InvariantCulture), "-j", "DROP");
        }
    }

    /// <summary>Takes every rule away.</summary>
    public async Task HealAsync()
    {
        for (var node = 0; node < _count; node++)
            await InAsync(node, "iptables", "-F", "INPUT");
    }

    /// <summary>Limits what a node sends, bits a second; 0 takes the limit away.</summary>
    public Task LimitAsync(int node, int rate) => rate == 0
        ? InAsync(node, "tc", "qdisc", "del", "dev", "eth0", "root")
        : InAsync(node, "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", $"{rate}bit", "burst", "16kb", "latency", "400ms");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
            await proxy.DisposeAsync();
        for (var node = 0; node < _count; node++)
            await ProgramRun.RunAsync("/usr/sbin/ip", ["netns", "del", NameOf(node)], "/", s_limit);
        await ProgramRun.RunAsync("/usr/sbin/ip", ["link", "del", _name], "/", s_limit);
        await ProgramRun.RunAsync("/usr/sbin/ip", ["netns", "del", Hub], "/", s_limit);
    }

    private async Task MakeAsync()
    {
        await RunAsync("/usr/sbin/ip", "netns", "add", Hub);
        await RunAsync("/usr/sbin/ip", "-n", Hub, "link", "add", "bridge", "type", "bridge");
        await RunAsync("/usr/sbin/ip", "-n", Hub, "link", "set", "bridge", "up");
        await RunAsync("/usr/sbin/ip", "link", "add", _name, "type", "veth", "peer", "name", "host", "netns", Hub);
        await RunAsync("/usr/sbin/ip", "-n", Hub, "link", "set", "host", "master", "bridge", "up");
        await RunAsync("/usr/sbin/ip", "addr", "add", $"{Host}/24", "dev", _name);
        await RunAsync("/usr/sbin/ip", "link", "set", _name, "up");
        for (var node = 0; node < _count; node++)
        {
            await RunAsync("/usr/sbin/ip", "netns", "add", NameOf(node));
            await RunAsync("/usr/sbin/ip", "-n", Hub, "link", "add", $"node{node}", "type", "veth", "peer", "name", "eth0", "netns", NameOf(node));
            await RunAsync("/usr/sbin/ip", "-n", Hub, "link", "set", $"node{node}", "master", "bridge", "up");
            await InAsync(node, "ip", "addr", "add", $"{AddressOf(node)}/24", "dev", "eth0");
            await InAsync(node, "ip", "link", "set", "eth0", "up");
            await InAsync(node, "ip", "link", "set", "lo", "up");
        }
    }

    private string NameOf(int node) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{node}");

    private Task RuleAsync(int node, string verb, string from) => InAsync(node, "iptables", verb, "INPUT", "-s", from, "-j", "DROP");

    private Task InAsync(int node, params string[] command) => RunAsync("/usr/sbin/ip", ["netns", "exec", NameOf(node), .. command]);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var result = await ProgramRun.RunAsync(program, arguments, "/", s_limit);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result}");
    }
}
