using System.Net;
using System.Net.Sockets;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Gateway.Tests.Hosting;

/// <summary>A node whose address is taken says so at once.</summary>
public sealed class ListenCheckTests
{
    [Fact]
    public async Task A_port_in_use_ends_the_start_with_one_line_that_names_port_and_setting()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var configuration = new GatewayConfiguration { Management = ListenerOptions.Management with { Listen = new HostPort("127.0.0.1", port) }, Front = Free(ListenerOptions.Front) };
        var (output, error) = (new StringWriter(), new StringWriter());

        var code = await NodeHost.RunAsync(StartOf(configuration), (output, error), CancellationToken.None);

        code.ShouldBe(2);
        output.ToString().ShouldBeEmpty();
        var line = error.ToString().TrimEnd();
        line.ShouldNotContain("\n");
        line.ShouldContain($"Port {port} (management.listen: 127.0.0.1:{port}) is in use");
    }

    [Theory]
    [InlineData("203.0.113.7", "no address 203.0.113.7")]
    [InlineData("gateway.example", "takes an address of this machine")]
    public void An_address_that_is_not_of_this_machine_is_named(string host, string expected)
    {
        var configuration = new GatewayConfiguration { Front = ListenerOptions.Front with { Listen = new HostPort(host, 18_080) }, Management = Free(ListenerOptions.Management) };

        ListenCheck.Faults(configuration).ShouldHaveSingleItem().ShouldContain(expected);
    }

    [Fact]
    public void Free_addresses_are_no_fault() =>
        ListenCheck.Faults(new GatewayConfiguration { Front = Free(ListenerOptions.Front), Management = Free(ListenerOptions.Management) }).ShouldBeEmpty();

    private static ListenerOptions Free(ListenerOptions options) => options with { Listen = new HostPort("127.0.0.1", 0) };

    private static NodeStart StartOf(GatewayConfiguration configuration) => new(
        new ConfigurationResult { Configuration = configuration, Faults = [], Warnings = [], Content = RevisionContent.None, Files = [] }, ConfigurationLoader.ForMachine(), [], Quickstart: false);
}
