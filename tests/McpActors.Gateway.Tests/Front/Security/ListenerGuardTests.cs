using System.Net;
using System.Net.Sockets;
using System.Text;
using McpActors.Gateway.Front.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpActors.Gateway.Tests.Front.Security;

/// <summary>Bytes on a real socket against Kestrel with the guard in front: the vectors that clients cannot be made to send.</summary>
public sealed class ListenerGuardTests : IAsyncLifetime
{
    private WebApplication _app = null!;
    private IPEndPoint _address = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static k =>
        {
            KestrelHardening.Apply(k, maxRequestBytes: 1024);
            k.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.UseMiddleware<ListenerGuard>(new ListenerPolicy(["gw.example"], []));
        _app.MapPost("/echo", static async context =>
        {
            using var memory = new MemoryStream();
            await context.Request.Body.CopyToAsync(memory);
            await context.Response.Body.WriteAsync(memory.ToArray());
        });
        _app.MapGet("/secret", static () => "secret");
        await _app.StartAsync();
        var url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _address = new IPEndPoint(IPAddress.Loopback, new Uri(url).Port);
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task An_ordinary_request_passes() =>
        (await SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).ShouldContain("200 OK");

    [Theory]
    [InlineData("evil.example.com")]
    [InlineData("127.0.0.1.evil.example")]
    public async Task A_foreign_host_is_refused(string host)
    {
        var answer = await SendAsync($"GET /secret HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        answer.ShouldContain(" 403 ");
        answer.ShouldContain("hostNotAllowed");
        answer.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_foreign_origin_is_refused_on_a_good_host()
    {
        var answer = await SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example.com\r\nConnection: close\r\n\r\n");
        answer.ShouldContain(" 403 ");
        answer.ShouldContain("originNotAllowed");
    }

    [Fact]
    public async Task Two_origins_are_refused_even_if_one_is_good() =>
        (await SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n"))
            .ShouldContain(" 403 ");

    [Fact]
    public async Task A_listed_host_passes() =>
        (await SendAsync("GET /secret HTTP/1.1\r\nHost: gw.example:8443\r\nConnection: close\r\n\r\n")).ShouldContain("200 OK");

    [Fact]
    public async Task Unknown_routes_are_guarded_too() =>
        (await SendAsync("GET /nowhere HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")).ShouldContain(" 403 ");

    [Theory]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5, 5\r\n\r\nhello")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;x\nhello\r\n0\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\nContent-Length: 0\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\n folded\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /x/%2e%2e/secret HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /x/..%2fsecret HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /x\\..\\secret HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET http://evil.example/secret HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: localhost\r\nX-Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task Smuggling_vectors_are_answered_400_and_the_connection_ends(string request)
    {
        var answer = await SendAsync(request);
        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldNotContain("<");
        answer.Split("HTTP/1.1 ").Length.ShouldBe(2, "one answer, then the end of the connection");
    }

    [Fact]
    public async Task A_header_of_the_name_that_the_server_gives_a_displaced_length_is_harmless_alone() =>
        (await SendAsync("POST /echo HTTP/1.1\r\nHost: localhost\r\nX-Content-Length: 3\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")).ShouldContain("200 OK");

    [Fact]
    public async Task A_body_over_the_limit_is_413()
    {
        var answer = await SendAsync("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4096\r\n\r\n" + new string('x', 4096));
        answer.ShouldStartWith("HTTP/1.1 413");
    }

    [Fact]
    public async Task A_method_that_a_route_does_not_know_is_405() =>
        (await SendAsync("PUT /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).ShouldContain(" 405 ");

    private async Task<string> SendAsync(string request)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_address, timeout.Token);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request), timeout.Token);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        int read;
        try
        {
            while ((read = await socket.ReceiveAsync(buffer, timeout.Token)) > 0)
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException) when (answer.Length > 0)
        {
            // The server closed while our bytes were still unread: a reset after a complete answer.
        }
        catch (OperationCanceledException)
        {
            answer.Append("<the connection stayed open>");
        }

        return answer.ToString();
    }
}
