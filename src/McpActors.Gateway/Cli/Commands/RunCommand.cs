using System.CommandLine;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>run</c>: a node.</summary>
internal static class RunCommand
{
    /// <summary>The configuration files; also on the root command, which runs a node too.</summary>
    public static Option<string[]> ConfigOption { get; } = new("--config", "-c")
    {
        Description = "A configuration file (YAML, or an mcp.json). Repeated: maps merge, and the same setting twice is a fault. Default: the quickstart.",
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>The command.</summary>
    public static Command Create(TextWriter error)
    {
        var command = new Command("run", "Run a node until Ctrl-C or SIGTERM; it drains and stops cleanly.") { ConfigOption };
        command.SetAction((parse, cancel) => ExecuteAsync(parse, error, cancel));
        return command;
    }

    /// <summary>Loads the files, and runs the node if they are good.</summary>
    public static async Task<int> ExecuteAsync(ParseResult parse, TextWriter error, CancellationToken cancel)
    {
        var files = parse.GetValue(ConfigOption) ?? [];
        var quickstart = files.Length == 0;
        if (quickstart)
        {
            if (QuickstartFile.Find() is not { } found)
            {
                await error.WriteLineAsync("cluster-config/quickstart.yaml was not found; name a configuration with --config.");
                return CommandLine.Usage;
            }

            files = [found];
        }

        var loader = ConfigurationLoader.ForMachine();
        var result = loader.Load(files);
        LocalCommands.Report(result, error);
        if (!result.IsValid || !LocalCommands.StoreIsNamed(result, error))
            return CommandLine.Usage;
        return await NodeHost.RunAsync(new NodeStart(result, loader, files, quickstart), (parse.InvocationConfiguration.Output, error), cancel);
    }
}
