using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using Xunit;

namespace McpActors.Testing;

/// <summary>
/// A PostgreSQL server of the tests' own, from the programs of the system's package: its data in a temporary folder, on a free port of loopback.
/// It ends with the test process, however that ends. Shared by a collection of tests, each of which takes a database of its own.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>PostgreSQL runs as nobody's administrator; these are tried in turn where the tests do.</summary>
    private static readonly string[] s_users = ["postgres", "nobody"];

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _output = new();
    private string? _programs;
    private string? _missing;
    private Process? _process;
    private int _port;
    private int _databases;

    /// <summary>What it wrote.</summary>
    public string Output => ProgramRun.Text(_output);

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        _programs = Programs();
        if (_programs is null)
        {
            _missing = "the programs of PostgreSQL 15 or later are not installed (Debian: apt-get install postgresql)";
            return;
        }

        _port = FreePorts.Take();
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", User(), _folder.Path);
        var (program, arguments) = AsUser(Path.Combine(_programs, "initdb"), "-D", _folder.File("data"), "-U", "mcpactors", "-A", "trust", "-E", "UTF8", "--no-sync");
        await RunAsync(program, arguments);
        await StartAsync();
    }

    /// <summary>Skips the calling test where PostgreSQL is not installed; in CI it fails.</summary>
    public void Require()
    {
        if (_missing is not null)
            Checkout.Missing(_missing);
    }

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        Require();
        var name = string.Create(CultureInfo.InvariantCulture, $"test{++_databases}");
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return ConnectionTo(name);
    }

    /// <summary>Starts it, after a stop again on the same data and port.</summary>
    public async Task StartAsync()
    {
        // The shell ends the server when its own input ends, which it does with this process.
        const string Script = "\"$0\" \"$@\" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server";
        string[] server =
        [
            Path.Combine(_programs!, "postgres"), "-D", _folder.File("data"), "-p", _port.ToString(CultureInfo.InvariantCulture), "-k", "",
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200",
        ];
        var (program, arguments) = AsUser("/bin/sh", ["-c", Script, .. server]);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        _process.OutputDataReceived += (_, line) => ProgramRun.Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => ProgramRun.Append(_output, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await UntilItAnswersAsync();
    }

    /// <summary>Stops it at once; connections break.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await StopAsync();
        NpgsqlConnection.ClearAllPools();
        _folder.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    private string ConnectionTo(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=mcpactors;Database={database}");

    private async Task UntilItAnswersAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(s_limit);
        while (await timer.WaitForNextTickAsync(limit.Token))
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false");
                await connection.OpenAsync(limit.Token);
                return;
            }
            catch (NpgsqlException) when (_process is { HasExited: false })
            {
                // Not listening yet.
            }
        }
    }

    private static (string Program, string[] Arguments) AsUser(string program, params string[] arguments)
    {
        if (!Environment.IsPrivilegedProcess)
            return (program, arguments);
        var user = User();
        return ("setpriv", [$"--reuid={user}", "--clear-groups", program, .. arguments]);
    }

    private static string User() => s_users.First(user => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(user + ":", StringComparison.Ordinal)));

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var result = await ProgramRun.RunAsync(program, arguments, Path.GetTempPath(), s_limit);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {result}");
    }

    /// <summary>The folder of the newest installed version.</summary>
    private static string? Programs() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql")
            .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) && version >= 15)
            .Select(folder => Path.Combine(folder, "bin"))
            .LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
        : null;
}
