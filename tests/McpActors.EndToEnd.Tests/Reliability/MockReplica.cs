using System.Diagnostics;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>A mock server as a process of its own on loopback: one replica, which can be killed and started again at the same address.</summary>
internal sealed class MockReplica : IAsyncDisposable
{
    private readonly string _protocol;
    private readonly string _ledger;
    private Process? _process;

    private MockReplica(string name, string protocol, TemporaryFolder folder)
    {
        Name = name;
        _protocol = protocol;
        _ledger = folder.File($"{name}.jsonl");
    }

    /// <summary>Its name, which its tool <c>whoami</c> tells.</summary>
    public string Name { get; }

    /// <summary>Its MCP endpoint.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1:0/mcp");

    /// <summary>What it executed, over all its lives.</summary>
    public IReadOnlyList<Effect> Effects => Ledger.ReadFile(_ledger);

    public static async Task<MockReplica> StartAsync(string name, string protocol, TemporaryFolder folder)
    {
        var replica = new MockReplica(name, protocol, folder);
        await replica.StartAsync();
        return replica;
    }

    /// <summary>Starts it, again at its address after a kill.</summary>
    public async Task StartAsync()
    {
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(
            MockServerProgram.Path, ["--urls", Url.GetLeftPart(UriPartial.Authority), "--protocol", _protocol, "--name", Name, "--ledger", _ledger])
        {
            RedirectStandardOutput = true,
        })!;
        Url = new Uri((await _process.StandardOutput.ReadLineAsync())!);
    }

    /// <summary>Changes how it behaves; see its control commands.</summary>
    public async Task ControlAsync(string command, string body)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri(Url, $"/control/{command}"), new StringContent(body));
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Ends it at once.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } running)
        {
            running.Kill();
            await running.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
    }
}
