using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli;

/// <summary>What every command that talks to a node shares: where the node is, and how the answer is shown.</summary>
internal sealed class RemoteCommands(TextWriter output, TextWriter error)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string?> _url = new("--url") { Description = $"The management URL of a node. Default: {ManagementClient.UrlVariable}, else {ManagementClient.DefaultUrl}.", Recursive = true };
    private readonly Option<string?> _key = new("--key") { Description = $"The API key, where the node asks for one. Better {ManagementClient.KeyVariable} or {ManagementClient.KeyFileVariable}: others see a command line.", Recursive = true };
    private readonly Option<string?> _authority = new("--ca") { Description = $"PEM file with the authority of the node's certificate. Default: {ManagementClient.AuthorityVariable}, else those of the system.", Recursive = true };
    private readonly Option<bool> _json = new("--json") { Description = "Print the answer as JSON.", Recursive = true };

    /// <summary>Where tables and answers go.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Where what is said beside an answer goes, so that the answer can be kept in a file.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Adds the options that hold for every command.</summary>
    public void AddOptions(RootCommand root)
    {
        root.Add(_url);
        root.Add(_key);
        root.Add(_authority);
        root.Add(_json);
    }

    /// <summary>Whether the caller asked for JSON.</summary>
    public bool WantsJson(ParseResult parse) => parse.GetValue(_json);

    /// <summary>Gives <paramref name="command"/> an action that gets a client and turns failures into an exit code.</summary>
    public Command Handle(Command command, Func<ParseResult, ManagementClient, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (parse, cancel) =>
        {
            try
            {
                using var client = new ManagementClient(UrlOf(parse), KeyOf(parse), parse.GetValue(_authority) ?? Given(ManagementClient.AuthorityVariable));
                return await action(parse, client, cancel);
            }
            catch (CliException failure)
            {
                await Error.WriteLineAsync(failure.Message);
                return failure.Code;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return CommandLine.Failed;
            }
        });
        return command;
    }

    /// <summary>Prints JSON if that was asked for, else calls <paramref name="table"/>.</summary>
    public int Show(ParseResult parse, JsonNode? answer, Action<IAnsiConsole> table)
    {
        if (WantsJson(parse))
            Output.WriteLine(answer?.ToJsonString(Indented) ?? "null");
        else
            table(Console());
        return CommandLine.Ok;
    }

    /// <summary>A console that writes to <see cref="Output"/>; wide when the output is a pipe, so that no value is cut.</summary>
    public IAnsiConsole Console()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Output) });
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = 200;
        return console;
    }

    private static Uri UrlFrom(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new CliException($"'{text}' is no management URL; expected something like {ManagementClient.DefaultUrl}.", CommandLine.Usage);

    private string? KeyOf(ParseResult parse) =>
        parse.GetValue(_key) ?? Given(ManagementClient.KeyVariable) ?? (Given(ManagementClient.KeyFileVariable) is { } file ? ReadKey(file) : null);

    private static string? ReadKey(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{ManagementClient.KeyFileVariable}: the key cannot be read: {fault.Message}", CommandLine.Usage);
        }
    }

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } value ? value : null;

    private Uri UrlOf(ParseResult parse) =>
        UrlFrom(parse.GetValue(_url) ?? Given(ManagementClient.UrlVariable) ?? ManagementClient.DefaultUrl);
}
