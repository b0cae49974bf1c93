using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Docker;

/// <summary>The manifests against the schemas of Kubernetes, as far as they can be had without a cluster.</summary>
public sealed class KubernetesTests
{
    [SkippableFact]
    public async Task Every_manifest_is_valid_by_the_schema_of_its_kind()
    {
        var tools = await NodeTools.RequireAsync();
        var files = Directory.GetFiles(Path.Combine(Checkout.Root, "cluster-config", "kubernetes"), "*.yaml")
            .Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal)).ToList();

        var result = await tools.RunAsync(Path.Combine(tools.Folder, "Docker", "validate-kubernetes.mjs"), files, TimeSpan.FromSeconds(60));

        result.ExitCode.ShouldBe(0, result.ToString());
        result.Output.ShouldContain("13 documents, 0 faults");
    }

    [SkippableFact]
    public async Task A_manifest_with_a_wrong_value_is_found()
    {
        var tools = await NodeTools.RequireAsync();
        using var folder = new TemporaryFolder();
        var text = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "cluster-config", "kubernetes", "workers.yaml"));
        await File.WriteAllTextAsync(folder.File("workers.yaml"), text.Replace("replicas: 3", "replicas: three", StringComparison.Ordinal));

        var result = await tools.RunAsync(Path.Combine(tools.Folder, "Docker", "validate-kubernetes.mjs"), [folder.File("workers.yaml")], TimeSpan.FromSeconds(60));

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldContain("replicas must be integer");
    }
}
