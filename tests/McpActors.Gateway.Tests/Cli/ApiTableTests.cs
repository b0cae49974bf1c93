using System.CommandLine;
using McpActors.Gateway.Cli;

namespace McpActors.Gateway.Tests.Cli;

/// <summary>Route, verb and permission stand in one table; this finds what the table or the command line lacks.</summary>
public sealed class ApiTableTests
{
    private static readonly string[] WithoutRoute = ["run", "validate", "schema", "import", "migrate", "doctor", "certs"];

    [Fact]
    public void Every_verb_of_the_table_is_a_command()
    {
        var commands = Commands().Select(command => command.Path).ToHashSet();
        var missing = ApiTable.All.Select(route => route.Verb).OfType<string>().Select(Words).Where(verb => !commands.Contains(verb));

        missing.ShouldBeEmpty();
    }

    [Fact]
    public void Every_command_that_does_something_has_a_route()
    {
        var verbs = ApiTable.All.Select(route => route.Verb).OfType<string>().Select(Words).ToHashSet();
        var missing = Commands().Where(command => command.Command.Action is not null).Select(command => command.Path)
            .Where(path => path.Length > 0 && !WithoutRoute.Contains(path) && !verbs.Contains(path));

        missing.ShouldBeEmpty();
    }

    [Fact]
    public void Every_route_stands_once_and_what_changes_state_needs_more_than_reading()
    {
        ApiTable.All.Select(route => route.Method + " " + route.Path).ShouldBeUnique();
        ApiTable.All.Where(route => route.Method != "GET").ShouldAllBe(route => route.Permission == Permission.Operate || route.Permission == Permission.Call);
    }

    [Fact]
    public void Every_command_has_examples()
    {
        Commands().Where(command => command.Command.Action is not null).Where(command => Examples.Of(command.Command).Count == 0).Select(command => command.Path).ShouldBeEmpty();
    }

    // "servers ID --events" is the command "servers".
    private static string Words(string verb) => string.Join(' ', verb.Split(' ').Where(word => word.All(char.IsAsciiLetterLower))).Replace("circuit reset", "circuit", StringComparison.Ordinal);

    private static IEnumerable<(string Path, Command Command)> Commands()
    {
        var pending = new Stack<(string, Command)>([("", CommandLine.Build(TextWriter.Null, TextWriter.Null))]);
        while (pending.TryPop(out var entry))
        {
            yield return entry;
            foreach (var child in entry.Item2.Subcommands)
                pending.Push(($"{entry.Item1} {child.Name}".Trim(), child));
        }
    }
}
