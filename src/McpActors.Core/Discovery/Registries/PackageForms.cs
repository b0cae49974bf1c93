using System.Buffers;
using McpActors.Core.Configuration.Settings;
using McpActors.Core.Discovery.Sources;

namespace McpActors.Core.Discovery.Registries;

/// <summary>
/// Packages of a <c>server.json</c>. The program is ours to choose (npx, uvx); name and version are checked to be no more than that, and what would
/// change the program's own behaviour is refused, so that the line an operator approves is all there is to it.
/// </summary>
internal static class PackageForms
{
    private const int MostArguments = 64;
    private const int MostVariables = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-~");
    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-!_");

    /// <summary>Variables that decide what code a process loads.</summary>
    private static readonly string[] Dangerous = ["PATH", "HOME", "SHELL", "BASH_ENV", "ENV", "IFS", "LD_*", "DYLD_*", "NODE_*", "NPM_*", "PYTHON*", "PIP_*", "UV_*", "DOTNET_*", "JAVA_TOOL_OPTIONS", "GIT_*", "SSL_*"];

    public static Form Read(PackageJson package)
    {
        if (package.Type is not ("npm" or "pypi"))
            return Form.No(Unsupported(package.Type));
        if (package.Transport != "stdio")
            return Form.No($"its {package.Type} package speaks {package.Transport} once it runs; only stdio is started by this version");
        if (!IsName(package))
            return Form.No($"'{package.Identifier}' is no name of an {package.Type} package");
        if (package.Version.Length is 0 or > 100 || package.Version[0] is '-' || package.Version.AsSpan().ContainsAnyExcept(VersionCharacters) || package.Version == "latest")
            return Form.No($"its {package.Type} package has no exact version (found '{package.Version}')");
        if (package.RuntimeArguments.FirstOrDefault(static argument => !IsConsent(argument)) is { } runtime)
            return Form.No($"it wants the argument '{Shown(runtime)}' for the program that starts it, which a registry may not set");
        if (Arguments(package, out var arguments) is { } fault)
            return Form.No(fault);
        return Environment(package, arguments);
    }

    private static string Unsupported(string type) => type switch
    {
        "oci" => "its package is a container image, and containers are not started by this version",
        "" => "its package has no registryType",
        _ => $"packages of type '{type}' are not started by this version; npm and pypi are",
    };

    private static bool IsName(PackageJson package)
    {
        var name = package.Identifier;
        if (package.Type == "npm" && name.StartsWith('@'))
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            return slash > 1 && IsPart(name[1..slash]) && IsPart(name[(slash + 1)..]);
        }

        return IsPart(name);
    }

    private static bool IsPart(string part) => part.Length is > 0 and <= 214 && part[0] is not ('-' or '.') && !part.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>Whether an argument only says what we say ourselves: install without asking.</summary>
    private static bool IsConsent(ArgumentJson argument) => (argument.IsNamed ? argument.Input.Name : argument.Input.Value) is "-y" or "--yes";

    private static string? Arguments(PackageJson package, out List<string> arguments)
    {
        arguments = package.Type == "npm" ? ["-y", $"{package.Identifier}@{package.Version}"] : [$"{package.Identifier}@{package.Version}"];
        if (package.Arguments.Count > MostArguments)
            return $"it takes {package.Arguments.Count} arguments, at most {MostArguments} are taken";
        foreach (var argument in package.Arguments)
        {
            var input = argument.Input;
            if (input.IsSecret)
                return $"its argument '{Shown(argument)}' is a secret, and arguments are visible to every user of the machine; add a server of your own";
            var value = InputValues.Of(input);
            if (value is null && (input.IsRequired || input.Value is not null))
                return $"its argument '{Shown(argument)}' has no value; add a server of your own with the whole line";
            if (value is null)
                continue;
            if (argument.IsNamed)
                arguments.Add(input.Name);
            if (value.Length > 0)
                arguments.Add(value);
        }

        return arguments.Exists(static text => text.Any(char.IsControl)) ? "its arguments hold control characters" : null;
    }

    private static Form Environment(PackageJson package, List<string> arguments)
    {
        if (package.Environment.Count > MostVariables)
            return Form.No($"it takes {package.Environment.Count} environment variables, at most {MostVariables} are taken");
        foreach (var variable in package.Environment)
        {
            if (ServerRules.Variable(variable.Name) is not null)
                return Form.No($"'{variable.Name}' is no name of an environment variable");
            if (Dangerous.Any(pattern => RegistryName.Matches(pattern, variable.Name)))
                return Form.No($"it wants the environment variable {variable.Name}, which decides what code runs and which a registry may not set");
        }

        var (values, needs) = InputValues.Split(SettingNeed.Environment, package.Environment);
        if (values.Values.Any(static value => value.Contains('\0', StringComparison.Ordinal)))
            return Form.No("its environment variables hold characters that they may not");
        return new Form { Command = package.Type == "npm" ? "npx" : "uvx", Arguments = arguments, Values = values, Needs = needs };
    }

    private static string Shown(ArgumentJson argument) => argument.IsNamed ? argument.Input.Name : argument.Input.Value ?? argument.Input.Description;
}
