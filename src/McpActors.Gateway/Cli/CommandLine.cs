using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using McpActors.Gateway.Cli.Commands;

namespace McpActors.Gateway.Cli;

/// <summary>The command line: what <c>mcpactors</c> understands. Exit codes: 0 ok, 1 failed, 2 wrong usage or configuration.</summary>
internal static class CommandLine
{
    /// <summary>The exit code of a command that did its work.</summary>
    public const int Ok = 0;

    /// <summary>The exit code of a command that was understood and failed.</summary>
    public const int Failed = 1;

    /// <summary>The exit code of wrong usage or a wrong configuration.</summary>
    public const int Usage = 2;

    /// <summary>Runs one command line.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var result = Build(output, error).Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (var fault in result.Errors)
                await error.WriteLineAsync(fault.Message);
            await error.WriteLineAsync($"See 'mcpactors {result.CommandResult.Command.Name} --help'.".Replace("mcpactors mcpactors", "mcpactors", StringComparison.Ordinal));
            return Usage;
        }

        return await result.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>The whole tree, for running, for help and for the test that compares it with <see cref="ApiTable"/>.</summary>
    public static RootCommand Build(TextWriter output, TextWriter error)
    {
        var remote = new RemoteCommands(output, error);
        var root = new RootCommand("McpActors: a clustered reliability gateway for MCP servers.")
        {
            RunCommand.Create(error),
            LocalCommands.Validate(output, error),
            LocalCommands.Schema(output),
            LocalCommands.Import(output, error),
            MigrateCommand.Create(output, error),
            CertsCommand.Create(output, error),
            DoctorCommand.Create(remote),
            ProbeCommand.Create(remote),
            StatusCommand.Create(remote),
            ServerCommands.Create(remote),
            ToolCommands.Tools(remote),
            ToolCommands.Call(remote),
            CircuitCommands.Circuit(remote),
            CircuitCommands.Cache(remote),
            KeyCommands.Create(remote),
            SessionCommands.Create(remote),
            AlertsCommand.Create(remote),
            SourceCommands.Sources(remote),
            SourceCommands.ApprovalsCommand(remote),
            ClusterCommands.Members(remote),
            ClusterCommands.Drain(remote),
            ConfigCommands.Create(remote),
        };
        remote.AddOptions(root);
        // Without a verb the node runs: the first command that a newcomer types must do something.
        root.Add(RunCommand.ConfigOption);
        root.SetAction((parse, cancel) => RunCommand.ExecuteAsync(parse, error, cancel));
        AddExamples(root);
        return root;
    }

    private static void AddExamples(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = inner.Invoke(parseResult);
            var examples = Examples.Of(parseResult.CommandResult.Command);
            if (examples.Count > 0)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                    output.WriteLine("  " + example);
                output.WriteLine();
            }

            return code;
        }
    }
}
