using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace McpActors.Gateway.Tests.Architecture;

/// <summary>The size budgets of the house: a file or method that outgrows them is split, not excused.</summary>
public sealed class BudgetTests
{
    private const int FileCap = 400;
    private const int MapperFileCap = 600;
    private const int FileP95 = 250;
    private const int MethodCap = 60;
    private const int MethodP95 = 35;
    private const int ActorCap = 300;
    private const int ParameterCap = 5;
    private const int ProgramCap = 80;

    [Fact]
    public void No_file_outgrows_its_budget()
    {
        var offenders = Repository.Production.Where(file => file.Lines > CapOf(file.Path)).Select(file => $"{file.Path}: {file.Lines} lines (cap {CapOf(file.Path)})");

        offenders.ShouldBeEmpty();
        Percentile(Repository.Production.Select(file => file.Lines), 0.95).ShouldBeLessThanOrEqualTo(FileP95);
    }

    [Fact]
    public void No_method_outgrows_its_budget()
    {
        var methods = Repository.Production
            .SelectMany(file => file.Root.DescendantNodes().OfType<BaseMethodDeclarationSyntax>().Select(method => (file.Path, Name: NameOf(method), Lines: LinesOf(method))))
            .ToList();

        methods.Where(method => method.Lines > MethodCap).Select(method => $"{method.Path} {method.Name}: {method.Lines} lines (cap {MethodCap})").ShouldBeEmpty();
        Percentile(methods.Select(method => method.Lines), 0.95).ShouldBeLessThanOrEqualTo(MethodP95);
    }

    [Fact]
    public void No_method_takes_more_than_five_parameters()
    {
        var offenders = Repository.Production
            .SelectMany(file => file.Root.DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
                .Where(method => method.ParameterList.Parameters.Count > ParameterCap && !IsFixedByABaseType(method))
                .Select(method => $"{file.Path} {NameOf(method)}: {method.ParameterList.Parameters.Count} parameters"));

        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void Classes_are_sealed_static_abstract_or_inherited()
    {
        var classes = Repository.Production
            .SelectMany(file => file.Root.DescendantNodes().OfType<ClassDeclarationSyntax>().Select(type => (file.Path, type)))
            .ToList();
        var inherited = classes.SelectMany(entry => entry.type.BaseList?.Types.Select(b => b.Type.ToString().Split('<', '.')[0]) ?? []).ToHashSet();
        var offenders = classes
            .Where(entry => !entry.type.Modifiers.Any(m => m.ValueText is "sealed" or "static" or "abstract"))
            .Where(entry => !inherited.Contains(entry.type.Identifier.ValueText) && !PartElsewhereIsSealed(classes.Select(c => c.type), entry.type))
            .Select(entry => $"{entry.Path} {entry.type.Identifier.ValueText}");

        offenders.ShouldBeEmpty();
    }

    private static bool PartElsewhereIsSealed(IEnumerable<ClassDeclarationSyntax> all, ClassDeclarationSyntax type) =>
        type.Modifiers.Any(m => m.ValueText == "partial")
        && all.Any(other => other.Identifier.ValueText == type.Identifier.ValueText && other.Modifiers.Any(m => m.ValueText is "sealed" or "static" or "abstract"));

    private static bool IsFixedByABaseType(BaseMethodDeclarationSyntax method) => method.Modifiers.Any(m => m.ValueText == "override");

    private static int CapOf(string path) => path switch
    {
        _ when path.EndsWith("Gateway/Program.cs", StringComparison.Ordinal) => ProgramCap,
        _ when path.Contains("/Serialization/", StringComparison.Ordinal) => MapperFileCap,
        _ when path.EndsWith("Actor.cs", StringComparison.Ordinal) => ActorCap,
        _ => FileCap,
    };

    private static int LinesOf(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static string NameOf(BaseMethodDeclarationSyntax method) => method switch
    {
        MethodDeclarationSyntax named => named.Identifier.ValueText,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.ValueText + " (constructor)",
        _ => method.Kind().ToString(),
    };

    private static int Percentile(IEnumerable<int> values, double rank)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[(int)Math.Ceiling(rank * sorted.Length) - 1];
    }
}
