namespace McpActors.Gateway.Tests.Configuration;

/// <summary>Nothing leaves loopback unprotected, and the refusal names the setting that is missing.</summary>
public sealed class ProtectionTests
{
    private const string Key = "mcpa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    [Theory]
    [InlineData("front")]
    [InlineData("management")]
    public void A_listener_leaves_loopback_only_with_keys_or_a_loud_override(string section)
    {
        Loading.Faults($"{section}: {{ listen: \"0.0.0.0:1234\" }}").ShouldHaveSingleItem().ShouldContain($"expected {section}.auth: {{ mode: keys }}");
        var overridden = Loading.Yaml($"{section}: {{ listen: \"0.0.0.0:1234\", insecure: true }}");
        overridden.Faults.ShouldBeEmpty();
        overridden.Warnings.ShouldHaveSingleItem().Message.ShouldContain("without authentication");
        var keys = Loading.Yaml($"{section}: {{ listen: \"0.0.0.0:1234\", auth: {{ mode: keys }} }}");
        keys.Faults.ShouldBeEmpty();
        keys.Warnings.ShouldHaveSingleItem().Message.ShouldContain("plain text");
        Loading.Yaml($"{section}: {{ listen: \"0.0.0.0:1234\", auth: {{ mode: keys }}, tls: {{ certificate: a.pem, key: a.key }} }}").Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void The_cluster_port_leaves_loopback_only_with_certificates_or_a_loud_override()
    {
        Loading.Faults("cluster: { bind: \"0.0.0.0:1234\" }").ShouldHaveSingleItem().ShouldContain("expected cluster.tls");
        Loading.Yaml("cluster: { bind: \"0.0.0.0:1234\", insecure: true }").Warnings.ShouldHaveSingleItem().Message.ShouldContain("without TLS");
        var certified = Loading.Yaml("cluster: { bind: \"0.0.0.0:1234\", tls: { certificate: n.pem, key: n.key, ca: ca.pem } }");
        certified.Faults.ShouldBeEmpty();
        certified.Configuration.Cluster.Tls.Authority.ShouldBe("/etc/mcp/ca.pem");
    }

    [Fact]
    public void The_internal_listener_leaves_loopback_only_with_certificates_or_a_loud_override()
    {
        Loading.Faults("cluster: { internal: \"0.0.0.0:1234\" }").ShouldHaveSingleItem().ShouldContain("cluster.internal");
        Loading.Yaml("cluster: { internal: \"0.0.0.0:1234\", tls: { certificate: n.pem, key: n.key, ca: ca.pem } }").Faults.ShouldBeEmpty();
        Loading.Yaml("cluster: { internal: \"0.0.0.0:1234\", insecure: true }").Warnings.ShouldHaveSingleItem().Message.ShouldContain("without TLS");
    }

    [Theory]
    [InlineData("front: { tls: { certificate: a.pem } }", "key")]
    [InlineData("front: { tls: { key: a.key } }", "key")]
    [InlineData("cluster: { tls: { certificate: a.pem, key: a.key } }", "ca")]
    [InlineData("front: { tls: { certificate: a.pem, key: a.key, ca: ca.pem } }", "unknown key 'ca'")]
    [InlineData("front: { auth: { mode: key } }", "none or keys")]
    [InlineData("front: { auth: { bootstrapKey: \"" + Key + "\" } }", "keys, because bootstrapKey is set")]
    public void Half_a_protection_is_a_fault(string yaml, string expected) => Loading.Faults(yaml).ShouldHaveSingleItem().ShouldContain(expected);

    [Fact]
    public void A_wrong_bootstrap_key_is_refused_and_not_shown()
    {
        var fault = Loading.Faults("management: { auth: { mode: keys, bootstrapKey: hunter2 } }").ShouldHaveSingleItem();

        fault.ShouldContain("mcpa_");
        fault.ShouldNotContain("hunter2");
    }
}
