using McpActors.Core.Configuration.Settings;

namespace McpActors.Core.Tests.Configuration;

public sealed class SecretNamesTests
{
    [Theory]
    [InlineData("Authorization")]
    [InlineData("X-Api-Key")]
    [InlineData("GITHUB_TOKEN")]
    [InlineData("DB_PASSWORD")]
    [InlineData("clientSecret")]
    [InlineData("Cookie")]
    [InlineData("accessKey")]
    [InlineData("KEY")]
    [InlineData("GITHUB_PAT")]
    public void Names_that_say_so_are_secret(string name) => SecretNames.LooksSecret(name).ShouldBeTrue();

    [Theory]
    [InlineData("X-Team")]
    [InlineData("LOG_LEVEL")]
    [InlineData("monkey")]
    [InlineData("PATH")]
    [InlineData("Accept-Language")]
    public void Others_are_shown(string name) => SecretNames.LooksSecret(name).ShouldBeFalse();

    [Fact]
    public void Arguments_of_secret_options_are_hidden_and_nothing_else() =>
        SecretNames.MaskArguments(["--token", "a", "--api-key=b", "--verbose", "c", "--password", "--next", "https://me:d@x/?key=e&q=f"])
            .ShouldBe(["--token", "***", "--api-key=***", "--verbose", "c", "--password", "--next", "https://***@x/?key=***&q=f"]);

    [Fact]
    public void The_password_of_a_connection_is_hidden() =>
        SecretNames.MaskConnection("Host=db;Username=me;Password=a;Timeout=3").ShouldBe("Host=db;Username=me;Password=***;Timeout=3");
}
