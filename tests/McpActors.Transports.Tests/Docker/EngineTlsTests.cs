using System.Net;
using McpActors.Testing;
using McpActors.Transports.Docker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Tests.Docker;

/// <summary>An engine that only takes who shows a certificate of its authority, as one with <c>--tlsverify</c> does.</summary>
public sealed class EngineTlsTests : IDisposable
{
    private const string Label = "mcpactors.server";

    private readonly TemporaryFolder _folder = new();
    private readonly EngineFiles _ours;

    public EngineTlsTests() => _ours = new EngineFiles(_folder.File("ours"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Its_containers_are_listed_and_its_changes_are_told()
    {
        await using var server = await StartAsync(_ours, IPAddress.Loopback);
        using var engine = new DockerEngine(Address(server), _ours.Folder);
        using var stop = new CancellationTokenSource();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var listed = await engine.ListAsync(Label, CancellationToken.None);
        var following = engine.FollowAsync(Label, () => told.TrySetResult(), stop.Token);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await stop.CancelAsync();

        listed.ShouldHaveSingleItem().Name.ShouldBe("box");
        await Should.ThrowAsync<OperationCanceledException>(() => following);
    }

    [Fact]
    public async Task An_engine_of_another_authority_or_address_is_not_believed()
    {
        var theirs = new EngineFiles(_folder.File("theirs"));
        await using var foreign = await StartAsync(theirs, IPAddress.Loopback);
        await using var elsewhere = await StartAsync(_ours, IPAddress.Parse("127.0.0.9"));

        foreach (var server in (WebApplication[])[foreign, elsewhere])
        {
            using var engine = new DockerEngine(Address(server), _ours.Folder);
            (await RefusedAsync(engine)).ShouldStartWith($"no engine answers at {Address(server)}: The remote certificate is invalid");
        }
    }

    [Fact]
    public async Task It_refuses_who_has_a_certificate_of_another_authority_or_none()
    {
        await using var server = await StartAsync(_ours, IPAddress.Loopback);
        var theirs = new EngineFiles(_folder.File("theirs"));
        File.Copy(Path.Combine(_ours.Folder, "ca.pem"), Path.Combine(theirs.Folder, "ca.pem"), overwrite: true);
        using var engine = new DockerEngine(Address(server), theirs.Folder);
        using var plain = new DockerEngine(Address(server));

        (await RefusedAsync(engine)).ShouldStartWith($"no engine answers at {Address(server)}");
        (await RefusedAsync(plain)).ShouldStartWith($"no engine answers at {Address(server)}");
    }

    [Fact]
    public async Task An_engine_that_is_followed_has_no_time_to_answer_in()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var silent = await StartAsync(_ours, IPAddress.Loopback, http =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        using var engine = new DockerEngine(Address(silent), _ours.Folder);

        var following = engine.FollowAsync(Label, () => { }, CancellationToken.None);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
        engine.Dispose();

        (await Should.ThrowAsync<ContainerEngineException>(() => following)).Message.ShouldBe($"the engine at {Address(silent)} is not followed any more");
    }

    [Fact]
    public async Task Files_that_are_not_there_are_named_and_read_once_they_are()
    {
        await using var server = await StartAsync(_ours, IPAddress.Loopback);
        var key = Path.Combine(_ours.Folder, "key.pem");
        File.Move(key, key + ".away");
        using var engine = new DockerEngine(Address(server), _ours.Folder);

        (await RefusedAsync(engine)).ShouldStartWith($"DOCKER_TLS_VERIFY is set, but ca.pem, cert.pem and key.pem of {_ours.Folder} cannot be used:");
        File.Move(key + ".away", key);
        (await engine.ListAsync(Label, CancellationToken.None)).ShouldHaveSingleItem();
    }

    private static string Address(WebApplication server) => $"tcp://127.0.0.1:{new Uri(server.Urls.Single()).Port}";

    private static async Task<string> RefusedAsync(DockerEngine engine) =>
        (await Should.ThrowAsync<ContainerEngineException>(() => engine.ListAsync(Label, CancellationToken.None))).Message;

    private static async Task<WebApplication> StartAsync(EngineFiles files, IPAddress named, Func<HttpContext, Task>? events = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var certificate = files.Issue("engine", named);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (client, _, _) => files.Issued(client);
        })));
        var app = builder.Build();
        app.MapGet("/containers/json", () => Results.Text("""[{"Id":"1","Names":["/box"],"Labels":{"mcpactors.server":"boxed"}}]""", "application/json"));
        app.MapGet("/events", (HttpContext http) => events is null ? TellAsync(http) : events(http));
        await app.StartAsync();
        return app;
    }

    private static async Task TellAsync(HttpContext http)
    {
        await http.Response.WriteAsync("""{"Type":"container","Action":"start"}""", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
    }
}
