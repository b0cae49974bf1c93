using System.Diagnostics;
using System.Text;

namespace McpActors.Testing;

/// <summary>How a gateway process is started.</summary>
public sealed record GatewayProcessOptions
{
    /// <summary>Longest time until it is ready. Default: 60 s, a loaded machine included.</summary>
    public TimeSpan ReadyLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Environment variables beside the inherited ones.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The <c>persistence</c> section. Default: a SQLite file in the gateway's folder.</summary>
    public string? Persistence { get; init; }

    /// <summary>The address of its listeners. Default: loopback; another one is that of a network namespace, and is left unprotected.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>A program with arguments that becomes the gateway, such as <c>ip netns exec NAME</c>. Default: none.</summary>
    public IReadOnlyList<string> Through { get; init; } = [];

    /// <summary>Whether to wait until it is ready; a test of a bad configuration does not. Default: yes.</summary>
    public bool WaitUntilReady { get; init; } = true;
}

/// <summary>
/// The built gateway as a process of its own: <c>mcpactors run --config …</c> with free ports and a data folder of its own. It can be
/// killed, told to stop, and started again on the same data and the same ports.
/// </summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_probe = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(90);

    private readonly GatewayProcessOptions _options;
    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _output = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private Process? _process;

    private GatewayProcess(GatewayProcessOptions options)
    {
        _options = options;
        var ports = FreePorts.Take(2);
        Front = new Uri($"http://{options.Address}:{ports[0]}");
        Management = new Uri($"http://{options.Address}:{ports[1]}");
    }

    /// <summary>The executable.</summary>
    public static string Program { get; } = Checkout.Executable("src/McpActors.Gateway", "mcpactors");

    /// <summary>Base of the front listener.</summary>
    public Uri Front { get; }

    /// <summary>Base of the management listener.</summary>
    public Uri Management { get; }

    /// <summary>Folder with configuration and data; it stays over restarts.</summary>
    public string Folder => _folder.Path;

    /// <summary>The configuration file.</summary>
    public string ConfigurationFile => _folder.File("mcpactors.yaml");

    /// <summary>The database of the node.</summary>
    public string Database => _folder.File("mcpactors.db");

    /// <summary>Id of the running process.</summary>
    public int ProcessId => Running.Id;

    /// <summary>Everything it wrote so far, both streams, over all its starts.</summary>
    public string Output => ProgramRun.Text(_output);

    /// <summary>The MCP endpoint of one server, or the aggregated one.</summary>
    public Uri Mcp(string? id = null) => new(Front, id is null ? "/mcp" : $"/mcp/{id}");

    /// <summary>Starts a gateway with these top-level keys, as a rule <c>servers:</c>; listeners and persistence are added.</summary>
    public static async Task<GatewayProcess> StartAsync(string yaml, GatewayProcessOptions? options = null)
    {
        var gateway = new GatewayProcess(options ?? new GatewayProcessOptions());
        try
        {
            await gateway.WriteConfigurationAsync(yaml);
            await gateway.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the configuration again, for a reload or the next start.</summary>
    public Task WriteConfigurationAsync(string yaml) => File.WriteAllTextAsync(ConfigurationFile, $"""
        version: 1
        front: {"{"} listen: "{Front.Authority}"{Unprotected} {"}"}
        management: {"{"} listen: "{Management.Authority}"{Unprotected} {"}"}
        persistence: {_options.Persistence ?? $$"""{ provider: sqlite, connection: "Data Source={{Database}}" }"""}
        {yaml}
        """);

    /// <summary>Starts it, after a kill or a stop again on the same data.</summary>
    public async Task StartAsync()
    {
        string[] command = [.. _options.Through, Program, "run", "--config", ConfigurationFile];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _options.Environment)
            start.Environment[name] = value;
        _process?.Dispose();
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => ProgramRun.Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => ProgramRun.Append(_output, line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (_options.WaitUntilReady)
            await WaitUntilAsync(ReadyAsync, "ready", _options.ReadyLimit);
    }

    /// <summary>Ends it at once (SIGKILL) and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        ProcessTable.Kill(ProcessId);
        await ExitAsync();
    }

    /// <summary>Asks it to end (SIGTERM), waits, and gives its exit code.</summary>
    public Task<int> StopAsync()
    {
        ProcessTable.Terminate(ProcessId);
        return ExitAsync();
    }

    /// <summary>Waits until it has ended, 90 s unless another limit is given, and gives its exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        using var timeout = new CancellationTokenSource(limit ?? s_exitLimit);
        try
        {
            await Running.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The gateway did not end within {limit ?? s_exitLimit}:\n{Output}");
        }

        return Running.ExitCode;
    }

    /// <summary>A GET on the management listener.</summary>
    public Task<string> ManagementAsync(string path) => _http.GetStringAsync(new Uri(Management, path));

    /// <summary>Looks again and again until the condition holds; a gateway that ends meanwhile fails at once.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> condition, string what, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(s_probe);
        do
        {
            if (Running.HasExited)
                throw new InvalidOperationException($"The gateway ended with {Running.ExitCode} before it was {what}:\n{Output}");
            if (await condition())
                return;
        }
        while (watch.Elapsed < limit && await timer.WaitForNextTickAsync());
        throw new TimeoutException($"The gateway was not {what} within {limit}:\n{Output}");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } process)
        {
            // Not the process tree: its children are for the gateway to end, and tests look whether it did.
            process.Kill();
            await process.WaitForExitAsync();
        }

        _process?.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }

    private string Unprotected => _options.Address == "127.0.0.1" ? "" : $", insecure: true, allowedHosts: [ \"{_options.Address}\" ]";

    private Process Running => _process ?? throw new InvalidOperationException("The gateway was not started.");

    private async Task<bool> ReadyAsync()
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(Front, "/healthz/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception refused) when (refused is HttpRequestException or TaskCanceledException)
        {
            return false; // not listening yet
        }
    }
}
