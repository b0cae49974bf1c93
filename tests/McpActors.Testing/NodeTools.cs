using System.Text.Json.Nodes;

namespace McpActors.Testing;

/// <summary>
/// The npm packages of the end-to-end tests: real MCP servers, clients and the conformance suite. They are installed once, from the lock
/// file, into <c>tests/McpActors.EndToEnd.Tests/node_modules</c>, whichever test process comes first.
/// </summary>
public sealed class NodeTools
{
    private static readonly TimeSpan s_installLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_lockRetry = TimeSpan.FromMilliseconds(200);
    private static readonly Lazy<Task<(NodeTools? Tools, string? Reason)>> s_instance = new(InstallAsync);

    private NodeTools(string folder) => Folder = folder;

    /// <summary>The folder that holds <c>package.json</c> and <c>node_modules</c>.</summary>
    public string Folder { get; }

    /// <summary>Node 22, which the inspector and the conformance suite need; it comes as a package.</summary>
    public string Node => Path.Combine(Folder, "node_modules", "node", "bin", OperatingSystem.IsWindows() ? "node.exe" : "node");

    /// <summary>The tools, installed if need be. Without Node the calling test is skipped with the reason; in CI it fails.</summary>
    public static async Task<NodeTools> RequireAsync()
    {
        var (tools, reason) = await s_instance.Value;
        if (tools is null)
            Checkout.Missing(reason!);
        return tools!;
    }

    /// <summary>The script behind a command of a package, to be run by <see cref="Node"/>.</summary>
    /// <param name="package">Name of the package.</param>
    /// <param name="command">Name of the command; null if the package has only one.</param>
    public string Script(string package, string? command = null)
    {
        var folder = Path.Combine(Folder, "node_modules", package);
        var bin = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "package.json")))!["bin"];
        var script = bin is JsonObject commands ? commands[command ?? commands.First().Key] : bin;
        return Path.Combine(folder, (string?)script ?? throw new InvalidOperationException($"{package} has no command {command}."));
    }

    /// <summary>Runs a script with Node 22.</summary>
    public Task<ProgramResult> RunAsync(string script, IEnumerable<string> arguments, TimeSpan limit) =>
        ProgramRun.RunAsync(Node, [script, .. arguments], Folder, limit);

    private static async Task<(NodeTools? Tools, string? Reason)> InstallAsync()
    {
        var folder = Path.Combine(Checkout.Root, "tests", "McpActors.EndToEnd.Tests");
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        if (Find(npm) is not { } program)
            return (null, "npm is not on the PATH; install Node 20 or later");

        Directory.CreateDirectory(Path.Combine(folder, "obj"));
        await using var exclusive = await LockAsync(Path.Combine(folder, "obj", "npm.lock"));
        var lockFile = Path.Combine(folder, "package-lock.json");
        var installed = Path.Combine(folder, "node_modules", ".mcpactors-installed");
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == await File.ReadAllTextAsync(lockFile))
            return (new NodeTools(folder), null);

        var result = await ProgramRun.RunAsync(program, ["ci", "--no-audit", "--no-fund"], folder, s_installLimit);
        if (result.ExitCode != 0)
            return (null, $"npm ci failed in {folder}: {result}");
        File.Copy(lockFile, installed, overwrite: true);
        return (new NodeTools(folder), null);
    }

    /// <summary>Opens a file for this process alone, waiting for another that installs the same.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        using var timer = new PeriodicTimer(s_lockRetry);
        for (var waited = TimeSpan.Zero; ; waited += s_lockRetry)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited < s_installLimit)
            {
                await timer.WaitForNextTickAsync();
            }
        }
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
