using McpActors.Cluster.Hosting;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Tests.Configuration;
using McpActors.Testing;
using YamlDotNet.RepresentationModel;

namespace McpActors.Gateway.Tests.Deployment;

/// <summary>The manifests fit together and fit the configuration in them: selectors find pods, ports and volumes exist, pods have time to leave.</summary>
public sealed class KubernetesFileTests
{
    private static readonly IReadOnlyList<YamlNode> All =
    [
        .. Directory.GetFiles(Path.Combine(Checkout.Root, "cluster-config", "kubernetes"), "*.yaml")
            .Order(StringComparer.Ordinal)
            .Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal))
            .SelectMany(file => Yaml.Documents(Path.GetRelativePath(Checkout.Root, file))),
    ];

    private static IEnumerable<YamlNode> Pods => All.Where(document => document.At("spec/template") is not null);

    [Fact]
    public void Every_selector_finds_the_pods_of_one_workload()
    {
        var selectors = All.SelectMany(document => new[] { document.Map("spec/selector/matchLabels"), Kind(document) == "Service" ? document.Map("spec/selector") : Nothing })
            .Where(selector => selector.Count > 0).ToList();

        selectors.Count.ShouldBe(7);
        foreach (var selector in selectors)
            Pods.Count(pod => Selects(selector, pod)).ShouldBe(1, string.Join(", ", selector));
    }

    [Fact]
    public void Every_port_of_a_service_or_probe_is_a_port_of_its_pods()
    {
        foreach (var service in All.Where(document => Kind(document) == "Service"))
        {
            var pod = Pods.Single(pod => Selects(service.Map("spec/selector"), pod));
            foreach (var port in service.List("spec/ports"))
                Ports(pod).ShouldContain(port.Text("targetPort"), service.Text("metadata/name"));
        }

        foreach (var pod in Pods.Where(pod => Kind(pod) != "Job"))
        {
            foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
                Ports(pod).ShouldContain(Container(pod).Text($"{probe}/httpGet/port"), probe);
            Container(pod).Text("readinessProbe/httpGet/path").ShouldBe("/healthz/ready");
        }
    }

    [Fact]
    public void Every_volume_comes_from_something_that_is_there_and_is_mounted()
    {
        var names = All.Where(document => Kind(document) is "ConfigMap" or "Secret").Select(document => document.Text("metadata/name")).ToList();
        foreach (var pod in Pods)
        {
            var volumes = pod.List("spec/template/spec/volumes");
            Container(pod).List("volumeMounts").Select(mount => mount.Text("name")).ShouldBe(volumes.Select(volume => volume.Text("name")), ignoreOrder: true);
            foreach (var source in volumes.Select(volume => volume.Text("configMap/name") ?? volume.Text("secret/secretName")).OfType<string>())
                names.ShouldContain(source);
        }
    }

    [Fact]
    public void Every_pod_may_do_nothing_but_its_work_and_has_time_to_leave()
    {
        foreach (var pod in Pods)
        {
            var spec = pod.At("spec/template/spec")!;
            spec.Text("securityContext/runAsNonRoot").ShouldBe("true");
            Container(pod).Text("securityContext/readOnlyRootFilesystem").ShouldBe("true");
            Container(pod).Text("securityContext/allowPrivilegeEscalation").ShouldBe("false");
            Container(pod).Text("securityContext/capabilities/drop/0").ShouldBe("ALL");
            if (Kind(pod) == "Job")
                continue;
            var needed = NodeSettings.From(Load("worker").Configuration).ShutdownTimeout + Yaml.Seconds(Container(pod).Text("lifecycle/preStop/exec/command/1"));
            Yaml.Seconds(spec.Text("terminationGracePeriodSeconds")).ShouldBeGreaterThan(needed);
        }
    }

    [Theory]
    [InlineData("front")]
    [InlineData("worker")]
    public void The_configuration_loads_and_looks_for_all_workers_by_the_headless_service(string role)
    {
        var result = Load(role);

        result.Faults.ShouldBeEmpty();
        result.Warnings.ShouldBeEmpty();
        var cluster = result.Configuration.Cluster;
        var service = All.Single(document => Kind(document) == "Service" && document.Text("spec/clusterIP") == "None");
        var workers = All.Single(document => Kind(document) == "StatefulSet");
        cluster.Seeds.ShouldBe([service.Text("metadata/name")!]);
        cluster.RequiredSeeds.ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(workers.Text("spec/replicas"));
        workers.Text("spec/serviceName").ShouldBe(service.Text("metadata/name"));
        service.Text("spec/publishNotReadyAddresses").ShouldBe("true");
        Selects(service.Map("spec/selector"), workers).ShouldBeTrue();
    }

    private static IReadOnlyDictionary<string, string?> Nothing { get; } = new Dictionary<string, string?>();

    private static string? Kind(YamlNode document) => document.Text("kind");

    private static YamlNode Container(YamlNode workload) => workload.List("spec/template/spec/containers").Single();

    private static IEnumerable<string?> Ports(YamlNode workload) => Container(workload).List("ports").Select(port => port.Text("name"));

    private static bool Selects(IReadOnlyDictionary<string, string?> selector, YamlNode workload) =>
        workload.Map("spec/template/metadata/labels") is var labels && selector.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value);

    private static ConfigurationResult Load(string role)
    {
        var map = All.Single(document => Kind(document) == "ConfigMap");
        var inputs = new Loading()
            .Set("POD_NAME", "mcpactors-worker-0")
            .Set("POD_IP", "10.1.2.3")
            .File("/etc/mcpactors/keys/bootstrap.key", "mcpa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
            .File("/etc/mcpactors/database/connection", "Host=db;Database=mcpactors;Username=mcpactors;Password=secret");
        string[] files = ["base.yaml", role + ".yaml", "servers.yaml"];
        foreach (var file in files)
            inputs.File(file, map.Text("data/" + file)!);
        return inputs.Load(files);
    }
}
