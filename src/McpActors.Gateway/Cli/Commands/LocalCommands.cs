using System.CommandLine;
using McpActors.Gateway.Configuration;

namespace McpActors.Gateway.Cli.Commands;

/// <summary>Commands that need no node: <c>validate</c>, <c>schema</c>, <c>import</c>.</summary>
internal static class LocalCommands
{
    /// <summary>Checks files and reports every fault at once.</summary>
    public static Command Validate(TextWriter output, TextWriter error)
    {
        var files = new Argument<string[]>("FILE") { Description = "Configuration files; several are merged.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("validate", "Check configuration files and report every fault at once.") { files };
        command.SetAction(parse =>
        {
            var result = ConfigurationLoader.ForMachine().Load(parse.GetValue(files)!);
            Report(result, error);
            if (!result.IsValid || !StoreIsNamed(result, error) || !FilesCanBeRead(result, error))
                return CommandLine.Usage;
            output.WriteLine($"Valid: {result.Configuration.Servers.Count} servers, hash {result.Hash}.");
            return CommandLine.Ok;
        });
        return command;
    }

    /// <summary>Prints the JSON Schema of the configuration.</summary>
    public static Command Schema(TextWriter output)
    {
        var command = new Command("schema", "Print the JSON Schema of the configuration file.");
        command.SetAction(_ =>
        {
            output.Write(ConfigurationSchema.Write());
            return CommandLine.Ok;
        });
        return command;
    }

    /// <summary>Turns an <c>mcp.json</c> into YAML.</summary>
    public static Command Import(TextWriter output, TextWriter error)
    {
        var file = new Argument<string>("FILE") { Description = "A file with mcpServers (or VS Code's servers)." };
        var command = new Command("import", "Print an mcp.json as configuration for McpActors.") { file };
        command.SetAction(parse =>
        {
            var result = ConfigurationImport.Import(parse.GetValue(file)!, new MachineInputs());
            foreach (var warning in result.Warnings)
                error.WriteLine($"warning: {warning}");
            foreach (var fault in result.Faults)
                error.WriteLine($"error: {fault}");
            if (result.Yaml is null)
                return CommandLine.Usage;
            output.Write(result.Yaml);
            return CommandLine.Ok;
        });
        return command;
    }

    /// <summary>Whether the driver takes the store's connection string; says so if not.</summary>
    public static bool StoreIsNamed(ConfigurationResult result, TextWriter error)
    {
        if (Cluster.Persistence.StoreSchema.Fault(result.Configuration.Persistence) is not { } fault)
            return true;
        error.WriteLine($"error: persistence.connection: {fault}");
        return false;
    }

    /// <summary>Whether the files of other programs can be used. A node starts without one that cannot; who checks wants to know.</summary>
    private static bool FilesCanBeRead(ConfigurationResult result, TextWriter error)
    {
        foreach (var file in result.Discovered.Where(static file => file.Faults.Count > 0 && !file.IsAbsent))
        {
            error.WriteLine($"error: discovery.files: {file.Path} cannot be used, as the warnings say");
            return false;
        }

        return true;
    }

    /// <summary>Prints faults and warnings, a line each.</summary>
    public static void Report(ConfigurationResult result, TextWriter error)
    {
        foreach (var warning in result.Warnings)
            error.WriteLine($"warning: {warning}");
        foreach (var fault in result.Faults)
            error.WriteLine($"error: {fault}");
        if (result.Faults.Count > 0)
            error.WriteLine($"{result.Faults.Count} {(result.Faults.Count == 1 ? "fault" : "faults")}; nothing was started.");
    }
}
