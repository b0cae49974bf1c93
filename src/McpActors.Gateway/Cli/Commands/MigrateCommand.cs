using System.CommandLine;
using McpActors.Cluster.Persistence;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>migrate</c>: brings the tables of the store up to date. Needs no node; any number of them may run it at once.</summary>
internal static class MigrateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("migrate", "Bring the tables of the store up to date. Once before the nodes of a new version start; safe to repeat.") { RunCommand.ConfigOption };
        command.SetAction((parse, cancel) => ExecuteAsync(parse.GetValue(RunCommand.ConfigOption) ?? [], output, error, cancel));
        return command;
    }

    private static async Task<int> ExecuteAsync(string[] files, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        if (files.Length == 0 && QuickstartFile.Find() is { } quickstart)
            files = [quickstart];
        var result = ConfigurationLoader.ForMachine().Load(files);
        LocalCommands.Report(result, error);
        if (!result.IsValid || !LocalCommands.StoreIsNamed(result, error))
            return CommandLine.Usage;
        try
        {
            var report = await StoreSchema.ApplyAsync(result.Configuration.Persistence, TimeProvider.System, cancel);
            foreach (var applied in report.Applied)
                await output.WriteLineAsync($"applied {applied}");
            await output.WriteLineAsync($"The store is at version {report.Version}{(report.Applied.Count == 0 ? "; there was nothing to do" : "")}.");
            return CommandLine.Ok;
        }
        catch (StoreException refused)
        {
            await error.WriteLineAsync($"The store was not changed: {refused.Message}.");
            return CommandLine.Failed;
        }
    }
}
