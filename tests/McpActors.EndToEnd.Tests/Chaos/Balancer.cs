using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// A load balancer as users have one: round robin over the nodes that say they are ready, asked four times a second. A call goes to the next node only
/// when no connection could be made, so that nothing that may have been sent is sent again.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    /// <summary>Header of every answer: the node it came from.</summary>
    public const string NodeHeader = "x-balancer-node";

    /// <summary>Header of the balancer's own answers: <see cref="None"/> or <see cref="Lost"/>.</summary>
    public const string OwnHeader = "x-balancer";

    /// <summary>No node was ready; nothing was sent.</summary>
    public const string None = "none";

    /// <summary>The connection broke before an answer came.</summary>
    public const string Lost = "lost";

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(1);

    private static readonly HashSet<string> s_hopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "Host", "Upgrade", "Content-Length",
    };

    private readonly IReadOnlyList<Uri> _nodes;
    private readonly bool[] _ready;
    private readonly HttpMessageInvoker _http;
    private readonly HttpClient _probe = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly CancellationTokenSource _stopped = new();
    private readonly WebApplication _app;
    private Task _probing = Task.CompletedTask;
    private int _next;

    private Balancer(IReadOnlyList<Uri> nodes)
    {
        _nodes = nodes;
        _ready = new bool[nodes.Count];
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
        });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(ForwardAsync);
    }

    /// <summary>Where clients find it.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>Starts it before the fronts of these nodes.</summary>
    public static async Task<Balancer> StartAsync(IReadOnlyList<Uri> nodes)
    {
        var balancer = new Balancer(nodes);
        await balancer._app.StartAsync();
        balancer._probing = Task.WhenAll(Enumerable.Range(0, nodes.Count).Select(balancer.ProbeAsync));
        return balancer;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _probing;
        await _app.StopAsync(new CancellationToken(canceled: true)).ContinueWith(_ => { }, TaskScheduler.Default);
        await _app.DisposeAsync();
        _http.Dispose();
        _probe.Dispose();
        _stopped.Dispose();
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_connect);
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, limit.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception refused) when (!ct.IsCancellationRequested)
        {
            socket.Dispose();
            throw new NotConnectedException(refused);
        }
    }

    private async Task ProbeAsync(int node)
    {
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            do
            {
                try
                {
                    using var answer = await _probe.GetAsync(new Uri(_nodes[node], "/healthz/ready"), _stopped.Token);
                    _ready[node] = answer.IsSuccessStatusCode;
                }
                catch (Exception gone) when (gone is HttpRequestException || (gone is TaskCanceledException && !_stopped.IsCancellationRequested))
                {
                    _ready[node] = false;
                }
            }
            while (await timer.WaitForNextTickAsync(_stopped.Token));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task ForwardAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        while (Next() is { } node)
        {
            using var request = Copy(http.Request, _nodes[node], body);
            HttpResponseMessage answer;
            try
            {
                answer = await _http.SendAsync(request, http.RequestAborted);
            }
            catch (HttpRequestException refused) when (refused.InnerException is NotConnectedException)
            {
                _ready[node] = false;
                continue;
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                Refuse(http, node, StatusCodes.Status502BadGateway, Lost);
                return;
            }
            catch (OperationCanceledException)
            {
                http.Abort(); // the client left
                return;
            }

            using (answer)
                await AnswerAsync(http, node, answer);
            return;
        }

        Refuse(http, null, StatusCodes.Status503ServiceUnavailable, None);
    }

    private static void Refuse(HttpContext http, int? node, int status, string why)
    {
        http.Response.StatusCode = status;
        http.Response.Headers[OwnHeader] = why;
        http.Response.Headers[NodeHeader] = $"{node}";
    }

    private static async Task AnswerAsync(HttpContext http, int node, HttpResponseMessage answer)
    {
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.Headers[NodeHeader] = $"{node}";
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!s_hopByHop.Contains(name))
                http.Response.Headers[name] = values.ToArray();
        }

        try
        {
            await http.Response.StartAsync(http.RequestAborted);
            await using var stream = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
            var buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer, http.RequestAborted) is var read and > 0)
                await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
        {
            http.Abort();
        }
    }

    private static HttpRequestMessage Copy(HttpRequest from, Uri node, MemoryStream body)
    {
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(node, from.Path + from.QueryString));
        if (body.Length > 0)
            request.Content = new ByteArrayContent(body.ToArray());
        foreach (var (name, values) in from.Headers)
        {
            if (!s_hopByHop.Contains(name) && !request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        return request;
    }

    private int? Next()
    {
        for (var tried = 0; tried < _nodes.Count; tried++)
        {
            var node = (int)((uint)Interlocked.Increment(ref _next) % (uint)_nodes.Count);
            if (_ready[node])
                return node;
        }

        return null;
    }

    /// <summary>No connection, so nothing was sent.</summary>
    private sealed class NotConnectedException(Exception inner) : IOException("not connected", inner);
}
