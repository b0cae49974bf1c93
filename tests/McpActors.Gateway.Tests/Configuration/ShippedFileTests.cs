using System.Text;
using McpActors.Core.Configuration;
using McpActors.Gateway.Configuration;
using McpActors.Testing;

namespace McpActors.Gateway.Tests.Configuration;

/// <summary>The files that are shipped. With UPDATE_SHIPPED=1 the generated ones are written anew.</summary>
public sealed class ShippedFileTests
{
    private static readonly string Folder = Path.Combine(Checkout.Root, "cluster-config");

    public static TheoryData<string> Complete =>
    [
        "quickstart.yaml", "reference.yaml",
        .. Directory.GetFiles(Path.Combine(Folder, "examples")).Select(static file => Path.GetRelativePath(Folder, file)),
    ];

    [Theory]
    [MemberData(nameof(Complete))]
    public void Every_shipped_file_loads(string file)
    {
        var result = new ConfigurationLoader(new MachineInputs(), Folder).Load(file);

        result.Faults.ShouldBeEmpty();
        result.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Complete))]
    public void Every_shipped_YAML_names_its_schema(string file)
    {
        var schema = Path.GetRelativePath(Path.GetDirectoryName(Path.Combine(Folder, file))!, Path.Combine(Folder, ConfigurationSchema.FileName)).Replace('\\', '/');
        if (file.EndsWith(".yaml", StringComparison.Ordinal))
            File.ReadLines(Path.Combine(Folder, file)).First().ShouldBe(ConfigurationSchema.Comment(schema));
        else
            file.ShouldEndWith(".json");
    }

    [Fact]
    public void The_shipped_schema_is_that_of_the_options() => UpToDate(ConfigurationSchema.FileName, ConfigurationSchema.Write());

    [Fact]
    public void The_shipped_reference_is_that_of_the_options() => UpToDate(ConfigurationReference.FileName, ConfigurationReference.Write());

    [Fact]
    public void The_reference_loads_to_the_defaults()
    {
        var inputs = new Loading().File("reference.yaml", ConfigurationReference.Write()).File("empty.yaml", "");

        var reference = inputs.Load("reference.yaml");

        reference.Faults.ShouldBeEmpty();
        Json(reference).ShouldBe(Json(inputs.Load("empty.yaml")));
    }

    [Fact]
    public void What_is_in_effect_loads_to_itself()
    {
        var quickstart = new ConfigurationLoader(new MachineInputs(), Folder).Load("quickstart.yaml");

        var again = new Loading().File("a.json", Json(quickstart)).Load("a.json");

        again.Faults.ShouldBeEmpty();
        Json(again).ShouldBe(Json(quickstart));
    }

    [Fact]
    public void The_quickstart_has_its_three_servers_and_a_store_outside_the_shipped_folder()
    {
        var configuration = new ConfigurationLoader(new MachineInputs(), Folder).Load("quickstart.yaml").Configuration;

        configuration.Servers.Keys.Select(static id => id.Value).ShouldBe(["everything", "files", "sample"], ignoreOrder: true);
        configuration.Persistence.Connection.ShouldBe("Data Source=" + Path.Combine(Checkout.Root, "data", "mcpactors.db"));
    }

    private static string Json(ConfigurationResult result) => Encoding.UTF8.GetString(ConfigurationJson.WritePlain(result.Configuration, indented: true));

    private static void UpToDate(string name, string generated)
    {
        var path = Path.Combine(Folder, name);
        if (Environment.GetEnvironmentVariable("UPDATE_SHIPPED") == "1")
            File.WriteAllText(path, generated);
        File.ReadAllText(path).ShouldBe(generated, $"{name} is out of date: run this test once with UPDATE_SHIPPED=1");
    }
}
