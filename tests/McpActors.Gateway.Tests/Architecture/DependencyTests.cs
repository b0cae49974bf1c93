using System.Reflection;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace McpActors.Gateway.Tests.Architecture;

/// <summary>Which project may use what: Gateway → Cluster → Transports → Core, and Core is pure.</summary>
public sealed class DependencyTests
{
    public static TheoryData<string, string[]> Forbidden => new()
    {
        { "McpActors.Core", ["McpActors.Transports", "McpActors.Cluster", "mcpactors", "Akka", "Microsoft.AspNetCore", "System.Net.Http", "System.Net.Sockets", "System.Diagnostics.Process", "Microsoft.Data.Sqlite"] },
        { "McpActors.Transports", ["McpActors.Cluster", "mcpactors", "Akka", "Microsoft.AspNetCore", "Microsoft.Data.Sqlite"] },
        { "McpActors.Cluster", ["mcpactors", "Microsoft.AspNetCore"] },
    };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_project_references_nothing_above_it(string project, string[] forbidden)
    {
        var references = Assembly.Load(project).GetReferencedAssemblies().Select(name => name.Name!);

        references.Where(name => forbidden.Any(f => name == f || name.StartsWith(f + ".", StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Fact]
    public void Core_reads_no_clock_and_draws_no_randomness()
    {
        string[] impure = ["TimeProvider.System", "Stopwatch", "Random.Shared", "Environment.TickCount", "RandomNumberGenerator", "File.", "Task.Delay"];
        var offenders = Repository.Production
            .Where(file => file.Path.StartsWith("src/McpActors.Core/", StringComparison.Ordinal))
            .SelectMany(file => file.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
                .Select(access => access.ToString())
                .Where(text => impure.Any(i => text.StartsWith(i, StringComparison.Ordinal)))
                .Select(text => $"{file.Path}: {text}"));

        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void Version_texts_stand_in_the_versions_folder_only()
    {
        string[] revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];
        var offenders = Repository.Production
            .Where(file => !file.Path.StartsWith("src/McpActors.Core/Protocol/Versions/", StringComparison.Ordinal))
            .Where(file => !file.Path.Contains("/Quickstart/", StringComparison.Ordinal))
            .SelectMany(file => file.Root.DescendantTokens()
                .Where(token => token.Value is string text && revisions.Contains(text))
                .Select(token => $"{file.Path}: {token.ValueText}"));

        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void Every_cluster_singleton_is_known_to_operators()
    {
        static IEnumerable<string> Keys(string method) => Repository.Production.SelectMany(file => file.Root.DescendantNodes().OfType<GenericNameSyntax>())
            .Where(name => name.Identifier.ValueText == method && name.Parent is MemberAccessExpressionSyntax)
            .Select(name => name.TypeArgumentList.Arguments[0].ToString());

        Keys("WithWorkerSingleton").ShouldNotBeEmpty();
        Keys("AddSingletonPlace").Order().ShouldBe(Keys("WithWorkerSingleton").Order(), "beside each WithWorkerSingleton<T> stands services.AddSingletonPlace<T>(name): /cluster/singletons lists them");
    }

    [Fact]
    public void Nothing_swallows_an_exception_or_blocks_a_thread()
    {
        var offenders = Repository.Production.SelectMany(file =>
            file.Root.DescendantNodes().OfType<CatchClauseSyntax>()
                .Where(clause => clause.Block.Statements.Count == 0 && !clause.Block.DescendantTrivia().Any(trivia => trivia.ToString().StartsWith("//", StringComparison.Ordinal)))
                .Select(clause => $"{file.Path}:{clause.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: empty catch without a reason")
                .Concat(file.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
                    .Where(access => access.Name.Identifier.ValueText == "GetResult" && access.Expression.ToString().EndsWith("GetAwaiter()", StringComparison.Ordinal))
                    .Select(access => $"{file.Path}:{access.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: blocking GetResult")));

        offenders.ShouldBeEmpty();
    }
}
