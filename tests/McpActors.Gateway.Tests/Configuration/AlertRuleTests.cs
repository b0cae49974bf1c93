using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Health;

namespace McpActors.Gateway.Tests.Configuration;

public sealed class AlertRuleTests
{
    private const string Pager = "health: { alerts: [ { name: pager, webhook: \"https://hooks.example/T0/geheim?token=auch\", events: [circuitOpened, serverUnhealthy], for: 2m, repeat: 4h, resolved: false } ] }";

    [Fact]
    public void A_rule_is_read_with_all_its_keys()
    {
        var rule = Loading.Yaml(Pager).Configuration.Health.Alerts.ShouldHaveSingleItem();

        rule.Name.ShouldBe("pager");
        rule.Events.ShouldBe([AlarmEvent.CircuitOpened, AlarmEvent.ServerUnhealthy]);
        (rule.For, rule.Repeat, rule.Resolved).ShouldBe((TimeSpan.FromMinutes(2), TimeSpan.FromHours(4), false));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var rule = Loading.Yaml("health: { alerts: [ { name: pager, webhook: \"http://x.example/\", events: [configDrift] } ] }").Configuration.Health.Alerts.ShouldHaveSingleItem();

        (rule.For, rule.Repeat, rule.Resolved).ShouldBe((TimeSpan.FromMinutes(1), null, true));
    }

    [Fact]
    public void The_address_of_a_webhook_is_a_secret()
    {
        var json = Encoding.UTF8.GetString(ConfigurationJson.WriteMasked(Loading.Yaml(Pager).Configuration));

        json.ShouldContain("https://hooks.example/***");
        json.ShouldNotContain("geheim");
        json.ShouldNotContain("auch");
        Loading.Faults("health: { alerts: [ { name: pager, webhook: \"htps://hooks.example/geheim\", events: [configDrift] } ] }").ShouldHaveSingleItem().ShouldNotContain("geheim");
    }

    [Theory]
    [InlineData("{}", "a.yaml:1:21: health.alerts[0].name: left out; expected 1 to 64 letters, digits, dots, dashes or underscores")]
    [InlineData("{ name: \"a b\" }", "a.yaml:1:29: health.alerts[0].name: found 'a b', expected 1 to 64 letters, digits, dots, dashes or underscores")]
    [InlineData("{ name: a, events: [configDrift] }", "a.yaml:1:21: health.alerts[0].webhook: left out; expected an http:// or https:// URL")]
    [InlineData("{ name: a, webhook: \"http://x/\" }", "a.yaml:1:21: health.alerts[0].events: left out; expected a list of events, not empty")]
    [InlineData("{ name: a, webhook: \"http://x/\", events: [] }", "a.yaml:1:62: health.alerts[0].events: found a list, expected a list of events, not empty")]
    [InlineData("{ name: a, webhook: \"http://x/\", events: [circuitOpen] }", "a.yaml:1:63: health.alerts[0].events[0]: found 'circuitOpen', expected circuitOpened, circuitClosed, serverUnhealthy, serverDegraded, serverRecovered, configDrift, journalDegraded, memberUnreachable or secondWriter")]
    [InlineData("{ name: a, webhook: \"http://x/\", events: [configDrift], repeat: 1s }", "a.yaml:1:85: health.alerts[0].repeat: found '1s', expected a duration from 1m to 30d")]
    [InlineData("{ name: a, webhook: \"http://x/\", events: [configDrift], untill: 1s }", "a.yaml:1:77: health.alerts[0].untill: unknown key 'untill', expected name, webhook, events, for, repeat or resolved")]
    public void What_is_wrong_is_told_with_its_place(string rule, string fault) => Loading.Faults($"health: {{ alerts: [ {rule} ] }}").ShouldContain(fault);

    [Fact]
    public void Two_rules_of_one_name_are_a_fault()
    {
        const string Rule = "{ name: a, webhook: \"http://x/\", events: [configDrift] }";

        Loading.Faults($"health: {{ alerts: [ {Rule}, {Rule} ] }}").ShouldHaveSingleItem().ShouldContain("each with a name of its own");
    }
}
