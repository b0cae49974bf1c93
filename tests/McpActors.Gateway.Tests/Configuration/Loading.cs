using System.Diagnostics.CodeAnalysis;
using McpActors.Core.Configuration.Source;
using McpActors.Gateway.Configuration;

namespace McpActors.Gateway.Tests.Configuration;

/// <summary>Files and variables of a test, and a loader over them.</summary>
internal sealed class Loading : IConfigurationInputs
{
    public const string Folder = "/etc/mcp";

    private readonly Dictionary<string, string> _files = [];
    private readonly Dictionary<string, string> _variables = new() { ["HOME"] = "/home/me" };

    public Loading File(string name, string text)
    {
        _files[Path.GetFullPath(name, Folder)] = text;
        return this;
    }

    public Loading Delete(string name)
    {
        _files.Remove(Path.GetFullPath(name, Folder));
        return this;
    }

    public Loading Set(string variable, string value)
    {
        _variables[variable] = value;
        return this;
    }

    /// <summary>One for all loads, as a node has it: it remembers what discovered files said.</summary>
    public ConfigurationLoader Loader => field ??= new ConfigurationLoader(this, Folder);

    public ConfigurationResult Load(params string[] paths) => Loader.Load(paths.Length == 0 ? ["a.yaml"] : paths);

    public static ConfigurationResult Yaml(string text) => new Loading().File("a.yaml", text).Load();

    public static string[] Faults(string text) => [.. Yaml(text).Faults.Select(static fault => fault.ToString())];

    public string? Variable(string name) => _variables.GetValueOrDefault(name);

    public bool TryReadText(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? reason)
    {
        reason = _files.TryGetValue(path, out text) ? null : "does not exist";
        return text is not null;
    }
}
