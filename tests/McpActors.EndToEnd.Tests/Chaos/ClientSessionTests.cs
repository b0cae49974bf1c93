using System.Diagnostics;
using System.Text.Json.Nodes;
using McpActors.Testing;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>Clients of 2025, made of the published SDKs, that know one address only, while each node behind it is killed in turn.</summary>
[Collection(Alone.Name)]
public sealed class ClientSessionTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [SkippableFact]
    public async Task Sessions_of_published_clients_outlive_kill_9_of_every_node()
    {
        ChaosRuns.Require();
        var tools = await NodeTools.RequireAsync();
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings { Rate = 0 });
        var url = new Uri(cluster.Url, $"/mcp/{ChaosServers.Legacy[0]}");
        await using var client = await McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions { Endpoint = url, TransportMode = HttpTransportMode.StreamableHttp }),
            new McpClientOptions { ProtocolVersion = "2025-11-25" });
        var session = client.SessionId.ShouldNotBeNull();
        using var script = Start(tools, url);
        (await script.StandardOutput.ReadLineAsync()).ShouldBe("connected");

        foreach (var node in cluster.Nodes)
        {
            await node.KillAsync();
            var answered = await node.UntilAsync(() => AnswersAsync(client), "replaced by another", s_limit);
            output.WriteLine($"answered again {answered.TotalSeconds:0.0} s after the kill");
            await cluster.UntilWholeAsync();
        }

        client.SessionId.ShouldBe(session);
        script.StandardInput.Close();
        var seen = JsonNode.Parse(await script.StandardOutput.ReadToEndAsync())!;
        output.WriteLine(seen.ToJsonString());
        ((string?)seen["last"]).ShouldBe((string?)seen["first"]);
        ((bool)seen["answered"]!).ShouldBeTrue("its last call is answered in the session that it began with");
        seen["errors"]!.AsArray().Select(error => (string)error!).ShouldNotContain(error => error.Contains("404", StringComparison.Ordinal));
    }

    private static async Task<bool> AnswersAsync(McpClient client)
    {
        try
        {
            return (await client.CallToolAsync("echo", new Dictionary<string, object?> { ["message"] = "still here" })).IsError != true;
        }
        catch (Exception broken) when (broken is HttpRequestException or McpException && !broken.Message.Contains("404", StringComparison.Ordinal))
        {
            return false; // it was on its way when the node died, or no owner was to be found yet
        }
    }

    private static Process Start(NodeTools tools, Uri url)
    {
        var start = new ProcessStartInfo(tools.Node, [Path.Combine(tools.Folder, "Chaos", "drivers", "steady.mjs"), url.ToString()])
        {
            WorkingDirectory = tools.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }
}
