using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Tests.Front.Security;

public sealed class ListenerPolicyTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:8080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:65535")]
    [InlineData("127.8.9.10:1")]
    [InlineData("[::1]")]
    [InlineData("[::1]:8080")]
    public void Loopback_hosts_are_always_allowed(string host) => ListenerPolicy.LoopbackOnly.AllowsHost(host).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("evil.example.com")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost@evil.example")]
    [InlineData("evil.example#localhost")]
    [InlineData("0.0.0.0")]
    [InlineData("127.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("[::ffff:8.8.8.8]")]
    [InlineData("[::]")]
    [InlineData("[::1")]
    [InlineData("localhost:80:80")]
    [InlineData("localhost:port")]
    [InlineData("169.254.169.254")]
    public void Other_hosts_are_refused(string host) => ListenerPolicy.LoopbackOnly.AllowsHost(host).ShouldBeFalse();

    [Theory]
    [InlineData("http://localhost:6274")]
    [InlineData("https://127.0.0.1")]
    [InlineData("http://[::1]:1")]
    public void Loopback_origins_are_allowed(string origin) => ListenerPolicy.LoopbackOnly.AllowsOrigin(origin).ShouldBeTrue();

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("file://")]
    [InlineData("http://evil.example.com")]
    [InlineData("https://localhost.evil.example")]
    [InlineData("http://localhost/path")]
    [InlineData("chrome-extension://localhost")]
    public void Other_origins_are_refused(string origin) => ListenerPolicy.LoopbackOnly.AllowsOrigin(origin).ShouldBeFalse();

    [Fact]
    public void Listed_hosts_count_with_any_port_unless_one_is_listed()
    {
        var policy = new ListenerPolicy(["gw.example", "strict.example:8443"], []);
        policy.AllowsHost("GW.example:99").ShouldBeTrue();
        policy.AllowsHost("strict.example:8443").ShouldBeTrue();
        policy.AllowsHost("strict.example:8444").ShouldBeFalse();
        policy.AllowsHost("strict.example").ShouldBeFalse();
    }

    [Fact]
    public void The_public_url_allows_its_host_and_its_origin_and_nothing_wider()
    {
        var policy = new ListenerPolicy([], [], new Uri("https://gw.example/base"));
        policy.AllowsHost("gw.example").ShouldBeTrue();
        policy.AllowsOrigin("https://gw.example").ShouldBeTrue();
        policy.AllowsHost("other.example").ShouldBeFalse();
        policy.AllowsOrigin("https://other.example").ShouldBeFalse();
    }

    [Fact]
    public void A_listed_origin_is_no_listed_host()
    {
        var policy = new ListenerPolicy([], ["https://app.example/"]);
        policy.AllowsOrigin("https://app.example").ShouldBeTrue();
        policy.AllowsOrigin("http://app.example").ShouldBeFalse();
        policy.AllowsHost("app.example").ShouldBeFalse();
    }
}
