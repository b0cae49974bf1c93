namespace McpActors.Gateway.Tests.Configuration;

/// <summary>Bad files, and exactly what is said of them.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("fornt:\n  listen: x", "a.yaml:1:1: fornt: unknown key 'fornt'; did you mean 'front'?")]
    [InlineData("front:\n  lissen: 127.0.0.1:1", "a.yaml:2:3: front.lissen: unknown key 'lissen'; did you mean 'listen'?")]
    [InlineData("shutdown: { patience: 3s }", "a.yaml:1:13: shutdown.patience: unknown key 'patience', expected notice or drain")]
    [InlineData("shutdown: 3s", "a.yaml:1:11: shutdown: found '3s', expected a map")]
    [InlineData("- front", "a.yaml:1:1: found a list, expected a map")]
    [InlineData("version: 2", "a.yaml:1:10: version: found '2', expected 1")]
    [InlineData("shutdown:\n  drain: 30", "a.yaml:2:10: shutdown.drain: found '30', expected a duration from 0s to 1h")]
    [InlineData("shutdown: { drain: 2h }", "a.yaml:1:20: shutdown.drain: found '2h', expected a duration from 0s to 1h")]
    [InlineData("limits: { request: 4MiBs }", "a.yaml:1:20: limits.request: found '4MiBs', expected a size from 1KiB to 1GiB")]
    [InlineData("limits: { depth: }", "a.yaml:1:18: limits.depth: found nothing, expected a whole number from 8 to 512")]
    [InlineData("cluster: { shards: many }", "a.yaml:1:20: cluster.shards: found 'many', expected a whole number from 1 to 4096")]
    [InlineData("cluster: { failover: fats }", "a.yaml:1:22: cluster.failover: found 'fats', expected fast, balanced or safe")]
    [InlineData("cluster: { seeds: [\"no port:x\"] }", "a.yaml:1:20: cluster.seeds[0]: found 'no port:x', expected host:port or a DNS name")]
    [InlineData("cluster: { insecure: yes }", "a.yaml:1:22: cluster.insecure: found 'yes', expected true or false")]
    [InlineData("node: { roles: [] }", "a.yaml:1:16: node.roles: found a list, expected a list of front and worker, not empty")]
    [InlineData("node: { roles: [front, back] }", "a.yaml:1:24: node.roles[1]: found 'back', expected front or worker")]
    [InlineData("front: { listen: 8080 }", "a.yaml:1:18: front.listen: found '8080', expected host:port")]
    [InlineData("front: { trustedProxies: [10.0.0.0/99] }", "a.yaml:1:27: front.trustedProxies[0]: found '10.0.0.0/99', expected an address or a network such as 10.0.0.0/8")]
    [InlineData("front: { allowedOrigins: [app.example] }", "a.yaml:1:27: front.allowedOrigins[0]: found 'app.example', expected an origin such as https://app.example")]
    [InlineData("front: { publicUrl: \"https://me:pw@x.example\" }", "a.yaml:1:21: front.publicUrl: found 'https://***@x.example', expected an http:// or https:// URL without user or password")]
    [InlineData("persistence: { provider: oracle }", "a.yaml:1:26: persistence.provider: found 'oracle', expected sqlite or postgres")]
    [InlineData("persistence: { provider: postgres }", "a.yaml:1:14: persistence.connection: the connection string has no Host; expected one for persistence.provider, such as Host=db;Database=mcpactors;Username=mcpactors")]
    [InlineData("persistence: { connection: \"Host=db;Password=geheim\" }", "a.yaml:1:28: persistence.connection: the connection string has no Data Source; expected one for persistence.provider, such as Data Source=data/mcpactors.db")]
    [InlineData("observability: { logs: { level: loud } }", "a.yaml:1:33: observability.logs.level: found 'loud', expected trace, debug, information, warning or error")]
    [InlineData("front: { listen: \"127.0.0.1:8558\" }", "a.yaml:1:1: management.listen: found 127.0.0.1:8558, which is front.listen; expected an address of its own")]
    public void What_is_wrong_is_told_with_its_place_and_what_is_expected(string yaml, string fault) => Loading.Faults(yaml).ShouldBe([fault]);

    [Theory]
    [InlineData("servers: { a: { command: x, cwd: \"a\\0b\" } }", "expected a path")]
    [InlineData("servers: { a: { command: \"./a\\0b\" } }", "expected a program")]
    [InlineData("persistence: { connection: \"Data Source=a\\0b\" }", "expected a connection string")]
    [InlineData("front: { auth: { mode: keys, bootstrapKey: \"${file:a\\0b}\" } }", "expected a path")]
    public void A_path_with_a_character_that_no_path_has_is_a_fault_and_no_crash(string yaml, string told) => Loading.Faults(yaml).ShouldHaveSingleItem().ShouldContain(told);

    [Theory]
    [InlineData("front: { listen: \"0.0.0.0:8080\" }", "a.yaml:1:18: front.listen: found 0.0.0.0:8080, which other machines reach without authentication; expected front.auth: { mode: keys }, a loopback address such as 127.0.0.1:8080, or front.insecure: true")]
    [InlineData("management: { listen: \"box.example:8558\" }", "a.yaml:1:23: management.listen: found box.example:8558, which other machines reach without authentication; expected management.auth: { mode: keys }, a loopback address such as 127.0.0.1:8558, or management.insecure: true")]
    [InlineData("cluster: { bind: \"[::]:4053\" }", "a.yaml:1:18: cluster.bind: found [::]:4053, which other machines reach without TLS; expected cluster.tls: { certificate, key, ca } ('mcpactors certs' makes them), a loopback address such as 127.0.0.1:4053, or cluster.insecure: true")]
    public void An_address_beyond_this_machine_is_refused_with_the_setting_to_add(string yaml, string fault) => Loading.Faults(yaml).ShouldBe([fault]);

    [Fact]
    public void An_address_beyond_this_machine_is_a_warning_once_it_is_wanted()
    {
        var result = Loading.Yaml("front: { listen: \"0.0.0.0:8080\", insecure: true }");

        result.Faults.ShouldBeEmpty();
        result.Warnings.ShouldHaveSingleItem().ToString()
            .ShouldBe("a.yaml:1:18: front.listen: 0.0.0.0:8080 is reached from other machines without authentication, because front.insecure is true");
    }

    [Theory]
    [InlineData("groups: { any: { strategy: sequential } }", "a.yaml:1:9: groups: 'groups' is not supported by this version yet; expected no such key")]
    [InlineData("profiles: { p: {} }", "a.yaml:1:11: profiles: 'profiles' is not supported by this version yet; expected no such key")]
    [InlineData("security: { roles: { a: b } }", "a.yaml:1:11: security: 'security' is not supported by this version yet; expected no such key")]
    [InlineData("front: { errors: toolResult }", "a.yaml:1:18: front.errors: 'errors' is not supported by this version yet; expected its default 'protocol', or no such key")]
    [InlineData("defaults: { hedge: { enabled: true } }", "a.yaml:1:20: defaults.hedge: 'hedge' is not supported by this version yet; expected no such key")]
    [InlineData("defaults: { sandbox: { image: x } }", "a.yaml:1:22: defaults.sandbox: 'sandbox' is not supported by this version yet; expected no such key")]
    [InlineData("defaults: { concurrency: { adaptive: true } }", "a.yaml:1:38: defaults.concurrency.adaptive: 'adaptive' is not supported by this version yet; expected its default 'false', or no such key")]
    [InlineData("servers: { a: { url: http://x/, transport: sse } }", "a.yaml:1:44: servers.a.transport: 'sse' is not supported by this version yet; expected http or stdio")]
    [InlineData("servers: { a: { url: http://x/, protocol: 2024-11-05 } }", "a.yaml:1:43: servers.a.protocol: '2024-11-05' over HTTP is not supported by this version yet")]
    [InlineData("servers: { a: { url: \"${secret:x}\" } }", "a.yaml:1:22: servers.a.url: ${secret:x} is not supported by this version yet; expected ${env:NAME} or ${file:PATH}")]
    public void What_a_later_version_does_is_never_accepted_in_silence(string yaml, string fault) => Loading.Faults(yaml).ShouldContain(fault);

    [Theory]
    [InlineData("discovery: { registries: [ { include: a } ] }", "a.yaml:1:28: discovery.registries[0].url: left out; expected the address of an MCP registry, http:// or https://")]
    [InlineData("discovery: { registries: [ { url: http://x, interval: 1ms } ] }", "a.yaml:1:55: discovery.registries[0].interval: found '1ms', expected a duration from 1s to 7d")]
    [InlineData("discovery: { registries: [ { url: http://x, approval: never } ] }", "a.yaml:1:55: discovery.registries[0].approval: found 'never', expected auto, required or processes")]
    [InlineData("discovery: { registries: [ { url: http://x, headers: { Host: y } } ] }", "a.yaml:1:56: discovery.registries[0].headers.Host: found the name 'Host', expected a header that the gateway does not set itself")]
    [InlineData("discovery: { registries: [ { url: http://x }, { url: http://x } ] }", "a.yaml:1:26: discovery.registries: found a list, expected each address once")]
    [InlineData("discovery: { docker: { label: a b } }", "a.yaml:1:31: discovery.docker.label: found 'a b', expected the name of a label, such as mcpactors.server")]
    [InlineData("discovery: { docker: { address: host } }", "a.yaml:1:33: discovery.docker.address: found 'host', expected container or published")]
    public void A_registry_or_engine_that_cannot_be_asked_is_a_fault(string yaml, string fault) => Loading.Faults(yaml).ShouldContain(fault);

    [Fact]
    public void What_a_later_version_does_is_accepted_where_it_says_its_default() => Loading.Faults("""
        cluster: { internal: "127.0.0.1:0", tls: null }
        front: { tls: null, auth: {}, errors: protocol }
        defaults: { hedge: { enabled: false, delay: p95, budget: 5% }, concurrency: { adaptive: false }, sandbox: }
        groups: {}
        profiles:
        discovery: { registries: [], docker: { enabled: false, label: mcpactors.server } }
        health: { alerts: [] }
        security: {}
        """).ShouldBeEmpty();

    [Theory]
    [InlineData("servers: { Search: { url: http://x/ } }", "a.yaml:1:12: servers.Search: found the id 'Search', expected [a-z0-9][a-z0-9-]{0,23}, for example 'search'")]
    [InlineData("servers: { mcpactors: { url: http://x/ } }", "a.yaml:1:12: servers.mcpactors: the id 'mcpactors' is reserved")]
    [InlineData("servers: { a: http://x/ }", "a.yaml:1:15: servers.a: found 'http://x/', expected a map with url, endpoints or command")]
    [InlineData("servers: { a: { enabled: true } }", "a.yaml:1:15: servers.a: found none of url, endpoints and command, expected one of them")]
    [InlineData("servers: { a: { url: http://x/, command: npx } }", "a.yaml:1:33: servers.a: found url and command, expected one of them")]
    [InlineData("servers: { a: { url: http://x/, endpoints: [ { url: http://y/ } ] } }", "a.yaml:1:33: servers.a: found url and endpoints, expected one of them")]
    [InlineData("servers: { a: { endpoints: [ { url: http://y/ } ], command: npx } }", "a.yaml:1:52: servers.a: found endpoints and command, expected one of them")]
    [InlineData("servers: { a: { endpoints: [ { weight: 2 } ] } }", "a.yaml:1:30: servers.a.endpoints[0]: found no url, expected url and, where it is not 1, weight")]
    [InlineData("servers: { a: { endpoints: [ { url: http://y/ }, { url: http://y/ } ] } }", "a.yaml:1:57: servers.a.endpoints[1].url: found the url of another endpoint, expected each replica once")]
    [InlineData("servers: { a: { endpoints: [ { url: y } ] } }", "a.yaml:1:37: servers.a.endpoints[0].url: found 'y', expected an http:// or https:// URL without user or password")]
    [InlineData("servers: { a: { endpoints: [ { url: http://y/, weight: 0 } ] } }", "a.yaml:1:56: servers.a.endpoints[0].weight: found '0', expected a whole number from 1 to 100")]
    [InlineData("servers: { a: { endpoints: [ http://y/ ] } }", "a.yaml:1:30: servers.a.endpoints[0]: found 'http://y/', expected a map")]
    [InlineData("servers: { a: { endpoints: [ { url: http://y/ } ], args: [ x ] } }", "a.yaml:1:52: servers.a.args: 'args' is for servers with a command, this one has endpoints")]
    [InlineData("servers: { a: { url: http://x/, args: [x] } }", "a.yaml:1:33: servers.a.args: 'args' is for servers with a command, this one has a url")]
    [InlineData("servers: { a: { command: x, headers: { A: b } } }", "a.yaml:1:29: servers.a.headers: 'headers' is for servers with a url, this one has a command")]
    [InlineData("servers: { a: { command: x, transport: http } }", "a.yaml:1:40: servers.a.transport: found 'http', expected stdio, because there is a command")]
    [InlineData("servers: { a: { url: ftp://x/ } }", "a.yaml:1:22: servers.a.url: found 'ftp://x/', expected an http:// or https:// URL without user or password")]
    [InlineData("servers: { a: { url: http://x/, headers: { Host: b } } }", "a.yaml:1:44: servers.a.headers.Host: found the name 'Host', expected a header that the gateway does not set itself")]
    [InlineData("servers: { a: { url: http://x/, headers: { A: \"b\\nC: d\" } } }", "a.yaml:1:47: servers.a.headers.A: found 'b\nC: d', expected a text of printable ASCII characters")]
    [InlineData("servers: { a: { url: http://x/, protocol: 2025-11-24 } }", "a.yaml:1:43: servers.a.protocol: found '2025-11-24', expected auto, 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26 or 2024-11-05")]
    [InlineData("servers: { a: { url: http://x/, circiut: {} } }", "a.yaml:1:33: servers.a.circiut: unknown key 'circiut'; did you mean 'circuit'?")]
    [InlineData("servers: { a: { url: http://x/, circuit: { failureRate: 150% } } }", "a.yaml:1:57: servers.a.circuit.failureRate: found '150%', expected a ratio above 0% and at most 100%")]
    [InlineData("servers: { a: { url: http://x/, circuit: { failureRate: 50 } } }", "a.yaml:1:57: servers.a.circuit.failureRate: found '50', expected a ratio such as 50%")]
    [InlineData("servers: { a: { url: http://x/, circuit: { openFor: 10m } } }", "a.yaml:1:42: servers.a.circuit.maxOpenFor: left out, it is 5m; expected a duration from openFor to 24h")]
    [InlineData("servers: { a: { url: http://x/, retry: { attempts: 11 } } }", "a.yaml:1:52: servers.a.retry.attempts: found '11', expected a whole number from 1 to 10")]
    [InlineData("servers: { a: { url: http://x/, tools: { t: { effect: read } } } }", "a.yaml:1:55: servers.a.tools.t.effect: found 'read', expected readOnly, idempotent or write")]
    [InlineData("servers: { a: { url: http://x/, tools: { t.u: { cache: { ttl: 0 } } } } }", "a.yaml:1:63: servers.a.tools[\"t.u\"].cache.ttl: found '0', expected a duration from 1ms to 30d")]
    [InlineData("servers: { a: { url: http://x/, labels: { 1st: x } } }", "a.yaml:1:43: servers.a.labels.1st: found the name '1st', expected [A-Za-z_][A-Za-z0-9_]{0,62}")]
    [InlineData("defaults: { url: http://x/ }", "a.yaml:1:13: defaults.url: unknown key 'url'")]
    [InlineData("defaults: { timeout: { call: 25h } }\nservers: { a: { url: http://x/ }, b: { url: http://y/ } }", "a.yaml:1:30: defaults.timeout.call: found '25h', expected a duration from 1ms to 24h")]
    public void A_bad_server_is_told_with_its_place_and_what_is_expected(string yaml, string fault) => Loading.Faults(yaml).ShouldBe([fault]);

    [Theory]
    [InlineData("front: {}\nfront: {}", "a.yaml:2:1: front: the key 'front' is already in line 1")]
    [InlineData("servers:\n  a: { url: http://x/ }\n  a: { url: http://y/ }", "a.yaml:3:3: servers.a: the key 'a' is already in line 2")]
    [InlineData("front: *nowhere", "a.yaml:1:8: front: the alias *nowhere stands for no finished anchor")]
    [InlineData("front: &me { auth: *me }", "a.yaml:1:20: front.auth: the alias *me stands for no finished anchor")]
    [InlineData("front: {}\n---\nfront: {}", "a.yaml:2:1: found a second document, expected one")]
    [InlineData("node: { name: !env X }", "a.yaml:1:15: node.name: found the tag !env, expected none")]
    [InlineData("node: { <<: { name: x } }", "a.yaml:1:9: node.<<: unknown key '<<', expected name or roles")]
    public void Structure_that_hides_something_is_a_fault(string yaml, string fault) => Loading.Faults(yaml).ShouldBe([fault]);

    [Theory]
    [InlineData("front: {", 1)]
    [InlineData("front:\n\tlisten: x", 2)]
    [InlineData("a: b: c", 1)]
    public void A_file_that_is_no_YAML_is_one_fault_with_its_line(string yaml, int line)
    {
        var fault = Loading.Yaml(yaml).Faults.ShouldHaveSingleItem();

        fault.Line.ShouldBe(line);
        fault.Message.ShouldStartWith("no valid YAML: ");
    }

    [Fact]
    public void A_bad_value_under_a_secret_name_is_not_shown() =>
        Loading.Faults("servers: { a: { url: http://x/, headers: { Authorization: \"hunter2\\n\" } } }")
            .ShouldBe(["a.yaml:1:59: servers.a.headers.Authorization: found a value that is not shown, expected a text of printable ASCII characters"]);

    [Fact]
    public void Nesting_without_end_is_a_fault()
    {
        var fault = Loading.Yaml("a: " + new string('[', 5000)).Faults.ShouldHaveSingleItem();

        fault.Message.ShouldStartWith("no valid YAML: ");
    }

    [Fact]
    public void All_faults_are_told_at_once_in_the_order_of_the_file()
    {
        var faults = Loading.Faults("""
            fornt: {}
            shutdown: { drain: never }
            servers:
              Bad: { url: http://x/ }
              a: { url: http://x/, retry: { attempts: 0, jitter: some } }
            limits: { depth: 1 }
            """);

        faults.Select(static fault => fault.Split(": ")[0]).ShouldBe(["a.yaml:1:1", "a.yaml:2:20", "a.yaml:4:3", "a.yaml:5:43", "a.yaml:5:54", "a.yaml:6:18"]);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_fault() =>
        new Loading().Load("gone.yaml").Faults.ShouldHaveSingleItem().ToString().ShouldBe("gone.yaml:1:1: the file does not exist");
}
