using McpActors.Core.Security.Keys;
using McpActors.Gateway.Cli;
using McpActors.Testing;

namespace McpActors.Gateway.Tests.Cli;

/// <summary>A key that is written to a file is made once, whatever starts again, and is nobody else's to read.</summary>
public sealed class KeyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_key_made_offline_into_a_file_is_kept_by_the_next_start()
    {
        var file = _folder.File("bootstrap.key");

        (await RunAsync(file)).Code.ShouldBe(CommandLine.Ok);
        var made = await File.ReadAllTextAsync(file);
        var again = await RunAsync(file);

        KeyText.IsWellFormed(made.Trim()).ShouldBeTrue();
        (await File.ReadAllTextAsync(file)).ShouldBe(made);
        again.Code.ShouldBe(CommandLine.Ok);
        again.Output.ShouldContain("no key was made");
        again.Output.ShouldNotContain(made.Trim());
        if (!OperatingSystem.IsWindows())
            (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)).ShouldBe(UnixFileMode.None);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_fails_in_one_line()
    {
        var (code, _, error) = await RunAsync(_folder.File("none/bootstrap.key"));

        code.ShouldBe(CommandLine.Failed);
        error.ShouldStartWith("--out: the key cannot be kept");
    }

    [Theory]
    [InlineData("--key", "mcpa_x\nKey 1 for ci", "must be one word")]
    [InlineData("--url", "localhost:8558", "is no management URL")]
    public async Task What_cannot_be_used_is_wrong_usage(string option, string value, string told)
    {
        var (output, error) = (new StringWriter(), new StringWriter());

        (await CommandLine.RunAsync(["members", option, value], output, error)).ShouldBe(CommandLine.Usage);

        error.ToString().ShouldContain(told);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string file)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(["keys", "create", "--offline", "--out", file], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
