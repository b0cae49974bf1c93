using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>The Streamable HTTP transport of 2025-03-26 to 2025-11-25: sessions, GET streams, batches.</summary>
internal sealed class LegacyHttp(MockCore core)
{
    private const string SessionHeader = "Mcp-Session-Id";

    private IReadOnlyList<string> Versions => Revisions.LegacyOf(core.Options.Protocol);

    /// <summary>Runs a request; null if it was answered already.</summary>
    public async Task<JsonObject?> RequestAsync(HttpContext http, JsonObject message, HttpAnswer answer)
    {
        if ((string?)message["method"] == "initialize")
            return await InitializeAsync(http, message, answer);
        if (!TryGetSession(http, out var session, out var status, out var reason))
        {
            await HttpFront.RefuseAsync(http, status, Dispatcher.Error(null, -32000, reason));
            return null;
        }

        if (message["id"] is null || message["method"] is null)
        {
            if ((string?)message["method"] == "notifications/cancelled")
                Cancel(session, message);
            http.Response.StatusCode = 202;
            return null;
        }

        return await RunAsync(message, session, answer.SendAsync, async () =>
        {
            // A cancelled request gets no response; its stream just ends.
            await answer.StreamAsync();
        });
    }

    /// <summary>Answers a batch, which only 2025-03-26 has.</summary>
    public async Task BatchAsync(HttpContext http, JsonArray batch)
    {
        if (!Versions.Contains("2025-03-26") || !TryGetSession(http, out var session, out var status, out var reason))
        {
            await HttpFront.RefuseAsync(http, 400, Dispatcher.Error(null, -32600, "No batch here"));
            return;
        }

        var answers = new JsonArray();
        foreach (var message in batch.OfType<JsonObject>())
        {
            var (method, _) = MockCore.NameOf(message);
            core.Ledger.Seen(new SeenRequest(method, new Dictionary<string, string>(), message.ToJsonString()));
            if (message["id"] is null || message["method"] is null)
                continue;
            if (await RunAsync(message, session, _ => Task.CompletedTask, () => Task.CompletedTask) is { } response)
                answers.Add(response);
        }

        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answers.ToJsonString(), http.RequestAborted);
    }

    /// <summary>The GET stream of a session.</summary>
    public async Task StreamAsync(HttpContext http)
    {
        if (Versions.Count == 0 || core.Options is not { Sessions: true, Streams: true })
        {
            http.Response.StatusCode = 405;
            http.Response.Headers.Allow = "POST";
            return;
        }

        if (!TryGetSession(http, out var session, out var status, out var reason))
        {
            await HttpFront.RefuseAsync(http, status, Dispatcher.Error(null, -32000, reason));
            return;
        }

        var answer = new HttpAnswer(http, core.Options with { Answer = AnswerMode.Sse }, null);
        try
        {
            await answer.StreamAsync();
            await foreach (var message in session!.Outbox.Reader.ReadAllAsync(http.RequestAborted))
                await answer.SendAsync(message);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // the client closed its stream
        }
    }

    private async Task<JsonObject?> InitializeAsync(HttpContext http, JsonObject message, HttpAnswer answer)
    {
        var asked = (string?)message["params"]?["protocolVersion"] ?? "";
        var version = Versions.Contains(asked) ? asked : Versions[0];
        if (core.Options.Sessions)
            http.Response.Headers[SessionHeader] = core.Sessions.Open(version).Id;
        return await core.Dispatcher.HandleAsync(new Request(message, version, null, answer.SendAsync, http.RequestAborted));
    }

    /// <summary>Runs a request under its session; a dropped connection does not cancel it in these revisions.</summary>
    private async Task<JsonObject?> RunAsync(JsonObject message, MockSession? session, Func<JsonObject, Task> send, Func<Task> cancelled)
    {
        using var cancellation = new CancellationTokenSource();
        var key = message["id"]!.ToJsonString();
        session?.InFlight.TryAdd(key, cancellation);
        try
        {
            return await core.Dispatcher.HandleAsync(new Request(message, session?.Version ?? Versions[0], session, send, cancellation.Token));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await cancelled();
            return null;
        }
        finally
        {
            session?.InFlight.TryRemove(key, out _);
        }
    }

    private static void Cancel(MockSession? session, JsonObject message)
    {
        if (message["params"]?["requestId"] is { } id && session is not null && session.InFlight.TryGetValue(id.ToJsonString(), out var cancellation))
            cancellation.Cancel();
    }

    private bool TryGetSession(HttpContext http, out MockSession? session, out int status, out string reason)
    {
        session = null;
        status = 400;
        var version = http.Request.Headers["MCP-Protocol-Version"].ToString();
        if (version.Length > 0 && !Versions.Contains(version))
        {
            reason = $"Bad Request: Unsupported protocol version: {version} (supported versions: {string.Join(", ", Versions)})";
            return false;
        }

        reason = "";
        if (!core.Options.Sessions)
            return true;
        var id = http.Request.Headers[SessionHeader].ToString();
        if (id.Length == 0)
        {
            reason = "Bad Request: Server not initialized";
            return false;
        }

        session = core.Sessions.Find(id);
        if (session is not null)
            return true;
        status = core.Options.LostSessionStatus;
        reason = status == 404 ? "Session not found" : "Bad Request: No valid session ID provided";
        return false;
    }
}
