using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// Calls at a steady rate through one address, whatever becomes of them: eight of ten stateless, one in a session of 2025-11-25, one for a process. Each has a
/// token of its own and an effect, and is noted in the history.
/// </summary>
internal sealed class ChaosLoad : IAsyncDisposable
{
    /// <summary>The classes.</summary>
    public const string Stateless = "http", Session = "session", Process = "stdio";

    /// <summary>More than this at once are not begun: a cluster that answers nothing is not buried.</summary>
    private const int MostAtOnce = 4_000;

    private const int Sessions = 12;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    private readonly Uri _url;
    private readonly History _history;
    private readonly int _rate;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = int.MaxValue }) { Timeout = HistoryChecker.Patience + TimeSpan.FromSeconds(10) };
    private readonly CancellationTokenSource _stopped = new();
    private readonly HashSet<Task> _running = [];
    private readonly (string Server, string Id)[] _sessions = new (string, string)[Sessions];
    private Task _pacing = Task.CompletedTask;
    private int _number;

    private ChaosLoad(Uri url, History history, int rate)
    {
        _url = url;
        _history = history;
        _rate = rate;
    }

    /// <summary>Calls that were not begun, because too many were running.</summary>
    public int Withheld { get; private set; }

    /// <summary>Opens the sessions and begins.</summary>
    /// <param name="url">The balancer.</param>
    /// <param name="history">Where all is noted.</param>
    /// <param name="rate">Calls a second.</param>
    public static async Task<ChaosLoad> StartAsync(Uri url, History history, int rate)
    {
        var load = new ChaosLoad(url, history, rate);
        for (var i = 0; i < Sessions; i++)
            load._sessions[i] = await load.OpenAsync(ChaosServers.Legacy[i % ChaosServers.Legacy.Count]);
        load._pacing = load.PaceAsync();
        return load;
    }

    /// <summary>Begins no more calls and waits for those that run.</summary>
    public async Task StopAsync()
    {
        await _stopped.CancelAsync();
        await _pacing;
        Task[] left;
        lock (_running)
            left = [.. _running];
        await Task.WhenAll(left);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _pacing;
        _http.CancelPendingRequests();
        await StopAsync();
        _http.Dispose();
        _stopped.Dispose();
    }

    private async Task<(string Server, string Id)> OpenAsync(string server)
    {
        using var opened = await PostAsync(server, null, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"load","version":"1"}}}""");
        opened.EnsureSuccessStatusCode();
        var id = opened.Headers.GetValues("Mcp-Session-Id").Single();
        using var accepted = await PostAsync(server, id, """{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        accepted.EnsureSuccessStatusCode();
        return (server, id);
    }

    private async Task PaceAsync()
    {
        using var timer = new PeriodicTimer(s_tick);
        var begun = _history.Now;
        var offered = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token))
            {
                for (var due = (int)((_history.Now - begun).TotalSeconds * _rate); offered < due; offered++)
                    Begin();
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private void Begin()
    {
        lock (_running)
        {
            if (_running.Count >= MostAtOnce)
            {
                Withheld++;
                return;
            }

            var call = CallAsync(_number++);
            _running.Add(call);
            _ = call.ContinueWith(Forget, TaskScheduler.Default);
        }
    }

    private void Forget(Task call)
    {
        lock (_running)
            _running.Remove(call);
    }

    private async Task CallAsync(int number)
    {
        await Task.Yield();
        var (kind, server, session) = (number % 10, number / 10) switch
        {
            (8, var round) => (Session, _sessions[round % Sessions].Server, _sessions[round % Sessions].Id),
            (9, var round) => (Process, ChaosServers.Children[round % ChaosServers.Children.Count], null),
            (var nth, var round) => (Stateless, ChaosServers.Web[(round + nth) % ChaosServers.Web.Count], (string?)null),
        };
        var token = string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");
        var start = _history.Now;
        var (outcome, node, detail) = (Outcome.None, (int?)null, "");
        try
        {
            using var answer = session is null ? await PostModernAsync(server, token) : await PostAsync(server, session, Body(token, ""));
            node = int.TryParse(HeaderOf(answer, Balancer.NodeHeader), CultureInfo.InvariantCulture, out var by) ? by : null;
            (outcome, detail) = await JudgeAsync(answer);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            (outcome, detail) = (Outcome.Broken, broken.Message);
        }
        catch (OperationCanceledException)
        {
            detail = "no answer"; // the client's own patience, longer than any deadline
        }

        _history.Add(new Call(kind, server, token, start, _history.Now, outcome, node, detail));
    }

    private Task<HttpResponseMessage> PostModernAsync(string server, string token)
    {
        var body = Body(token, ""","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""");
        var request = Message(server, body);
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "counter");
        return _http.SendAsync(request);
    }

    private Task<HttpResponseMessage> PostAsync(string server, string? session, string body)
    {
        var request = Message(server, body);
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
            request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        }

        return _http.SendAsync(request);
    }

    private HttpRequestMessage Message(string server, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_url, $"/mcp/{server}")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        return request;
    }

    private static string Body(string token, string meta) =>
        $$"""{"jsonrpc":"2.0","id":"{{token}}","method":"tools/call","params":{"name":"counter","arguments":{"token":"{{token}}"}{{meta}} } }""";

    private static async Task<(Outcome Outcome, string Detail)> JudgeAsync(HttpResponseMessage answer)
    {
        switch (HeaderOf(answer, Balancer.OwnHeader))
        {
            case Balancer.None:
                return (Outcome.Refused, "no node is ready");
            case Balancer.Lost:
                return (Outcome.Broken, "lost behind the balancer");
        }

        var text = await answer.Content.ReadAsStringAsync();
        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
            text = text.Split('\n').LastOrDefault(line => line.StartsWith("data:", StringComparison.Ordinal))?[5..] ?? "";
        return Judge(answer.StatusCode, text);
    }

    /// <summary>What an answer says of its call.</summary>
    internal static (Outcome Outcome, string Detail) Judge(HttpStatusCode status, string text)
    {
        JsonNode? message;
        try
        {
            message = JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return (text.Length == 0 && status == HttpStatusCode.OK ? Outcome.Broken : Outcome.Wrong, $"{status} {text}");
        }

        if (message?["result"] is { } result)
            return ((bool?)result["isError"] == true ? Outcome.Wrong : Outcome.Answered, "");
        var error = message?["error"];
        return ((int?)error?["code"], (string?)error?["data"]?["outcome"]) switch
        {
            (_, "unknown") => (Outcome.Unknown, text),
            (_, "notSent") or (1503 or 1429, _) => (Outcome.Refused, text),
            _ => (Outcome.Wrong, $"{status} {text}"),
        };
    }

    private static string? HeaderOf(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
