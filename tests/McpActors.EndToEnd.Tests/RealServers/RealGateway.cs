using System.Diagnostics;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.RealServers;

/// <summary>
/// One gateway process before the published servers of npm, each by stdio, one also by Streamable HTTP, and two mock servers of one era
/// each. Without Node there is none, and each test says so.
/// </summary>
public sealed class RealGateway : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Process? _everything;
    private MockMcpServer? _legacy;
    private MockMcpServer? _modern;
    private GatewayProcess? _gateway;
    private NodeTools? _node;
    private string? _missing;

    /// <summary>The npm packages.</summary>
    public NodeTools Node => Require(_node);

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway => Require(_gateway);

    /// <summary>A server of 2025-11-25 only.</summary>
    public MockMcpServer Legacy => Require(_legacy);

    /// <summary>A server of 2026-07-28 only.</summary>
    public MockMcpServer Modern => Require(_modern);

    /// <summary>Folder that the file server may use.</summary>
    public string Files => Path.Combine(_folder.Path, "files");

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        try
        {
            _node = await NodeTools.RequireAsync();
        }
        catch (SkipException skipped)
        {
            _missing = skipped.Message; // a fixture cannot skip: its tests do
            return;
        }

        Directory.CreateDirectory(Files);
        await File.WriteAllTextAsync(Path.Combine(Files, "hello.txt"), "hello from a file");
        _legacy = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Name = "legacy" });
        _modern = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728, Name = "modern" });
        var everything = await StartEverythingAsync();
        _gateway = await GatewayProcess.StartAsync($"""
            servers:
              everything: {Stdio("server-everything")}
              files: {Stdio("server-filesystem", Files)}
              memory:
                command: "{_node.Node}"
                args: ["{_node.Script("@modelcontextprotocol/server-memory")}"]
                env: {"{"} MEMORY_FILE_PATH: "{_folder.File("memory.jsonl")}" {"}"}
              thinking: {Stdio("server-sequential-thinking")}
              everything-http: {"{"} url: "{everything}" {"}"}
              legacy: {"{"} url: "{_legacy.Url}" {"}"}
              modern: {"{"} url: "{_modern.Url}" {"}"}
            """);
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        if (_everything is { HasExited: false })
            _everything.Kill();
        await (_legacy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_modern?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _everything?.Dispose();
        _folder.Dispose();
    }

    private T Require<T>(T? part)
        where T : class
    {
        if (part is null)
            Checkout.Missing(_missing ?? "the gateway did not start");
        return part!;
    }

    private string Stdio(string package, params string[] more)
    {
        var arguments = string.Join(", ", ((string[])[_node!.Script($"@modelcontextprotocol/{package}"), .. more]).Select(argument => $"\"{argument}\""));
        return $"{"{"} command: \"{_node.Node}\", args: [{arguments}] {"}"}";
    }

    /// <summary>Starts server-everything over HTTP and waits for the line that says it listens.</summary>
    private async Task<Uri> StartEverythingAsync()
    {
        var port = FreePorts.Take();
        var preload = Path.Combine(_node!.Folder, "RealServers", "drivers", "loopback.mjs");
        var start = new ProcessStartInfo(_node.Node, ["--import", preload, _node.Script("@modelcontextprotocol/server-everything"), "streamableHttp"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _node.Folder,
        };
        start.Environment["PORT"] = $"{port}";
        _everything = new Process { StartInfo = start };
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        DataReceivedEventHandler read = (_, line) =>
        {
            if (line.Data?.Contains("listening", StringComparison.OrdinalIgnoreCase) == true)
                listening.TrySetResult();
        };
        _everything.OutputDataReceived += read;
        _everything.ErrorDataReceived += read;
        _everything.Start();
        _everything.BeginOutputReadLine();
        _everything.BeginErrorReadLine();
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return new Uri($"http://127.0.0.1:{port}/mcp");
    }
}

/// <summary>Tests that share the one gateway before the real servers.</summary>
[CollectionDefinition(Name)]
public sealed class RealGatewayCollection : ICollectionFixture<RealGateway>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "real servers";
}
