using System.Net;
using System.Text.Json.Nodes;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>Three processes are one server: calls are shared by weight, one that is killed costs next to nothing and comes back, sessions stay where they live.</summary>
public sealed class ReplicaTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly List<MockReplica> _replicas = [];

    [Fact]
    public async Task Calls_are_shared_by_weight()
    {
        await using var gateway = await StartAsync("dual", weights: [2, 1, 1]);
        using var caller = new GatewayHttp(gateway);

        await ConnectAsync(caller, gateway);

        // One after the other, then ten at a time.
        for (var i = 0; i < 80; i++)
            await SucceedsAsync(caller, "counter", new { token = $"a{i}" });
        var first = Executed();
        first[0].ShouldBeInRange(35, 45);
        first[1].ShouldBeInRange(15, 25);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async each =>
        {
            for (var i = 0; i < 40; i++)
                await SucceedsAsync(caller, "counter", new { token = $"b{each}-{i}" });
        }));
        var then = Executed().Zip(first, (all, before) => all - before).ToList();
        then[0].ShouldBeInRange(160, 240);
        then[1].ShouldBeInRange(70, 130);
        then[2].ShouldBeInRange(70, 130);
    }

    [Fact]
    public async Task A_killed_replica_costs_no_call_that_may_be_repeated_and_is_taken_back()
    {
        await using var gateway = await StartAsync("dual", more: "tools: { echo: { effect: readOnly } }, retry: { baseDelay: 20ms }");
        using var caller = new GatewayHttp(gateway);
        await ConnectAsync(caller, gateway);
        using var over = new CancellationTokenSource();
        var writes = 0;
        var load = Enumerable.Range(0, 4).Select(async each =>
        {
            var failed = new List<string>();
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                await SucceedsAsync(caller, "echo", new { message = $"{each}-{i}" });
                Interlocked.Increment(ref writes);
                var (status, body) = await caller.CallAsync("mock", "counter", new { token = $"w{each}-{i}" });
                if (status != HttpStatusCode.OK)
                    failed.Add(body!.ToJsonString());
            }

            return failed;
        }).ToList();

        await WaitForAsync(caller, gateway, _ => Volatile.Read(ref writes) > 100, "under load");
        await _replicas[1].KillAsync();
        var atKill = Volatile.Read(ref writes);
        await WaitForAsync(caller, gateway, state => !(bool)state[1]!["reachable"]!, "without the killed one");
        await WaitForAsync(caller, gateway, _ => Volatile.Read(ref writes) > atKill + 100, "calls going on");
        await _replicas[1].StartAsync();
        var before = _replicas[1].Effects.Count;
        await WaitForAsync(caller, gateway, _ => _replicas[1].Effects.Count > before + 10, "calls at the one that is back");
        await over.CancelAsync();
        var failures = (await Task.WhenAll(load)).SelectMany(failed => failed).ToList();

        // What was on its way when it was killed may have been executed, and is not sent again.
        failures.Count.ShouldBeLessThanOrEqualTo(4, string.Join('\n', failures));
        failures.ShouldAllBe(failure => failure.Contains("unknown"));
        _replicas.SelectMany(replica => replica.Effects).Where(effect => effect.Tool == "counter")
            .GroupBy(effect => effect.Token).Where(token => token.Count() > 1).ShouldBeEmpty();
        var circuit = (await caller.StateAsync("/api/v1/servers/mock"))["circuit"]!;
        ((string)circuit["state"]!).ShouldBe("closed");
        (await caller.StateAsync("/api/v1/servers/mock/events")).ToJsonString().ShouldNotContain("opened", Case.Insensitive);
    }

    [Fact]
    public async Task A_session_survives_the_death_of_another_replica_and_is_opened_again_upon_that_of_its_own()
    {
        await using var gateway = await StartAsync("2025-11-25");
        using var caller = new GatewayHttp(gateway);
        var session = await caller.OpenSessionAsync("mock");
        var (name, upstream) = await WhoAsync(caller, session);
        var others = _replicas.Where(replica => replica.Name != name).ToList();

        await others[0].KillAsync();
        for (var i = 0; i < 10; i++)
            (await WhoAsync(caller, session)).ShouldBe((name, upstream));

        await _replicas.Single(replica => replica.Name == name).KillAsync();
        var (next, reopened) = await WhoAsync(caller, session);
        next.ShouldBe(others[1].Name);
        reopened.ShouldNotBe(upstream);
        (await WhoAsync(caller, session)).ShouldBe((next, reopened));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    // The first call connects all; until then calls go where a connection is.
    private static async Task ConnectAsync(GatewayHttp caller, GatewayProcess gateway)
    {
        await SucceedsAsync(caller, "echo", new { message = "warm" });
        await gateway.WaitUntilAsync(
            async () => (await caller.StateAsync("/api/v1/servers/mock"))["connections"]!.AsArray().Count(connection => (string?)connection!["state"] == "ready") == 3,
            "all connected", Limit);
    }

    private static async Task SucceedsAsync(GatewayHttp caller, string tool, object arguments)
    {
        var (status, body) = await caller.CallAsync("mock", tool, arguments);
        status.ShouldBe(HttpStatusCode.OK, body?.ToJsonString());
    }

    private static async Task<(string Name, string Session)> WhoAsync(GatewayHttp caller, string session)
    {
        var (status, message) = await caller.RequestAsync("mock", session, "tools/call", """{"name":"whoami","arguments":{}}""");
        status.ShouldBe(HttpStatusCode.OK);
        var told = message!["result"]?["structuredContent"];
        told.ShouldNotBeNull(message.ToJsonString());
        return ((string)told["name"]!, (string)told["session"]!);
    }

    private static Task WaitForAsync(GatewayHttp caller, GatewayProcess gateway, Func<JsonArray, bool> done, string what) => gateway.WaitUntilAsync(
        async () => done((await caller.StateAsync("/api/v1/servers/mock"))["replicas"]!.AsArray()), what, Limit);

    private async Task<GatewayProcess> StartAsync(string protocol, int[]? weights = null, string more = "")
    {
        for (var i = 0; i < 3; i++)
            _replicas.Add(await MockReplica.StartAsync($"replica-{i}", protocol, _folder));
        var endpoints = string.Join(", ", _replicas.Select((replica, i) => $"{{ url: \"{replica.Url}\", weight: {weights?[i] ?? 1} }}"));
        return await GatewayProcess.StartAsync($"servers: {{ mock: {{ endpoints: [ {endpoints} ]{(more.Length > 0 ? ", " : "")}{more} }} }}");
    }

    private List<int> Executed() => [.. _replicas.Select(replica => replica.Effects.Count(effect => effect.Tool == "counter"))];
}
