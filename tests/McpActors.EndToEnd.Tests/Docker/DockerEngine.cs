using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Docker;

/// <summary>The Docker engine of this machine, by its command-line programs.</summary>
internal static class DockerEngine
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Skips the calling test unless it was asked for: it builds an image and runs fifteen containers, for which a machine needs some minutes with nothing else to do.
    /// Asked for, it skips where no engine answers or Compose is missing; in CI it fails.
    /// </summary>
    public static async Task RequireAsync()
    {
        Skip.IfNot(Environment.GetEnvironmentVariable("MCPACTORS_COMPOSE_TESTS") == "1", "the compose file is brought up for real only with MCPACTORS_COMPOSE_TESTS=1");
        await RequireEngineAsync();
        if (!await WorksAsync("docker-compose", ["version", "--short"]))
            Checkout.Missing("docker-compose is not installed (Debian: apt-get install docker-compose)");
    }

    /// <summary>Skips the calling test, or in CI fails it, where no engine answers or no image can be made.</summary>
    public static async Task RequireEngineAsync()
    {
        if (!await AnswersAsync())
            Checkout.Missing("no Docker engine answers (Debian: apt-get install docker.io, then start dockerd as root)");
        if (!await WorksAsync("dpkg-query", ["--version"]))
            Checkout.Missing("the base images are made from installed Debian packages, and this machine has none");
    }

    /// <summary>Whether an engine answers.</summary>
    public static Task<bool> AnswersAsync() => WorksAsync("docker", ["info", "--format", "{{.ServerVersion}}"]);

    /// <summary>Runs <c>docker</c> and answers its output; a failure throws.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var result = await ProgramRun.RunAsync("docker", arguments, Checkout.Root, Short);
        return result.ExitCode == 0 ? result.Output.Trim() : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {result}");
    }

    /// <summary>Stand-ins for images that no registry can be asked for, made once from the files of this machine.</summary>
    public static async Task MakeImagesAsync(params string[] names)
    {
        var missing = new List<string>();
        foreach (var name in names)
        {
            if (!await WorksAsync("docker", ["image", "inspect", $"mcpactors-local/{name}"]))
                missing.Add(name);
        }

        if (missing.Count == 0)
            return;
        var script = Path.Combine(Checkout.Root, "tests", "McpActors.EndToEnd.Tests", "Docker", "local-images.sh");
        var made = await ProgramRun.RunAsync("bash", [script, .. missing], Checkout.Root, TimeSpan.FromMinutes(8));
        made.ExitCode.ShouldBe(0, made.ToString());
    }

    private static async Task<bool> WorksAsync(string program, string[] arguments)
    {
        try
        {
            return (await ProgramRun.RunAsync(program, arguments, Checkout.Root, Short)).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // not installed
        }
    }
}
