using GatewayCommands = McpActors.Gateway.Cli.CommandLine;

namespace McpActors.Benchmarks.Compare;

/// <summary>Several nodes of the gateway that form a cluster.</summary>
/// <param name="Processes">Their processes.</param>
/// <param name="Fronts">Where each takes calls.</param>
/// <param name="Managements">Where each is asked about itself.</param>
internal sealed record GatewayNodes(IReadOnlyList<int> Processes, IReadOnlyList<string> Fronts, IReadOnlyList<int> Managements)
{
    /// <summary>Starts one node for each list of roles and waits until all are members.</summary>
    public static Task<GatewayNodes> StartAsync(ChildProcesses processes, string folder, string servers, params string[] roles) =>
        StartAsync(processes, folder, (servers, Tls: ""), roles);

    /// <summary>The same with mutual TLS between the nodes, by certificates as <c>mcpactors certs</c> makes them.</summary>
    public static async Task<GatewayNodes> StartProtectedAsync(ChildProcesses processes, string folder, string servers, params string[] roles)
    {
        var certs = Path.Combine(folder, "certs");
        if (await GatewayCommands.RunAsync(["certs", "node", "--out", certs], TextWriter.Null, Console.Error) != GatewayCommands.Ok)
            throw new InvalidOperationException("The certificates of the nodes could not be made.");
        var tls = $", tls: {{ certificate: \"{certs}/node.pem\", key: \"{certs}/node.key\", ca: \"{certs}/ca.pem\" }}";
        return await StartAsync(processes, folder, (servers, tls), roles);
    }

    private static async Task<GatewayNodes> StartAsync(ChildProcesses processes, string folder, (string Servers, string Tls) settings, string[] roles)
    {
        var ports = roles.Select(_ => (Front: ChildProcesses.FreePort(), Management: ChildProcesses.FreePort(), Cluster: ChildProcesses.FreePort())).ToArray();
        var name = Guid.NewGuid().ToString("N");
        var ids = new List<int>();
        for (var i = 0; i < roles.Length; i++)
        {
            var file = Path.Combine(folder, $"{name}-{i}.yaml");
            await File.WriteAllTextAsync(file, $$"""
                version: 1
                node: { roles: [ {{roles[i]}} ] }
                cluster: { bind: "127.0.0.1:{{ports[i].Cluster}}", seeds: [ "127.0.0.1:{{ports[0].Cluster}}" ]{{settings.Tls}} }
                persistence: { connection: "Data Source={{folder}}/{{name}}.db" }
                front: { listen: "127.0.0.1:{{ports[i].Front}}" }
                management: { listen: "127.0.0.1:{{ports[i].Management}}" }
                observability: { logs: { level: warning } }
                {{settings.Servers}}
                """);
            ids.Add(processes.StartGateway(file).Id);
            await ChildProcesses.WaitForReadyAsync(ports[i].Management);
        }

        var nodes = new GatewayNodes(ids, [.. ports.Select(port => $"http://127.0.0.1:{port.Front}")], [.. ports.Select(port => port.Management)]);
        await nodes.UntilTogetherAsync();
        return nodes;
    }

    private async Task UntilTogetherAsync()
    {
        using var http = new HttpClient();
        foreach (var management in Managements)
        {
            for (var attempt = 0; ; attempt++)
            {
                var members = await http.GetStringAsync($"http://127.0.0.1:{management}/cluster/members");
                if (members.Split("\"Up\"").Length > Managements.Count)
                    break;
                if (attempt == 300)
                    throw new InvalidOperationException($"The nodes are no cluster of {Managements.Count}: {members}");
                await Task.Delay(100);
            }
        }
    }
}
