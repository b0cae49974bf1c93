using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>The Streamable HTTP endpoint, both eras.</summary>
internal sealed class HttpFront(MockCore core)
{
    private const string SessionHeader = "Mcp-Session-Id";

    private readonly LegacyHttp _legacy = new(core);

    public async Task PostAsync(HttpContext http)
    {
        var text = await new StreamReader(http.Request.Body).ReadToEndAsync(http.RequestAborted);
        JsonNode? body;
        try
        {
            body = JsonNode.Parse(text);
        }
        catch (JsonException broken)
        {
            await RefuseAsync(http, 400, Dispatcher.Error(null, -32700, broken.Message));
            return;
        }

        if (body is JsonArray batch)
        {
            await _legacy.BatchAsync(http, batch);
            return;
        }

        if (body is not JsonObject message)
        {
            await RefuseAsync(http, 400, Dispatcher.Error(null, -32600, "Not an object"));
            return;
        }

        await PostAsync(http, message, text);
    }

    public async Task GetAsync(HttpContext http)
    {
        See(http, "GET", "");
        if (await FailsAsync(http, "GET"))
            return;
        await _legacy.StreamAsync(http);
    }

    public async Task DeleteAsync(HttpContext http)
    {
        See(http, "DELETE", "");
        if (await FailsAsync(http, "DELETE"))
            return;
        var known = core.Sessions.Close(http.Request.Headers[SessionHeader].ToString());
        http.Response.StatusCode = known ? 200 : Revisions.LegacyOf(core.Options.Protocol).Count == 0 ? 405 : core.Options.LostSessionStatus;
    }

    internal static async Task RefuseAsync(HttpContext http, int status, JsonObject error)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(error.ToJsonString(), http.RequestAborted);
    }

    private async Task PostAsync(HttpContext http, JsonObject message, string text)
    {
        var (method, tool) = MockCore.NameOf(message);
        See(http, method, text);
        var fault = core.Behaviour.Take(method, tool);
        await core.BeforeAsync(fault, http.RequestAborted);
        if (MockCore.Refuses(fault) && !fault!.Execute)
        {
            await ActAsync(http, fault, message["id"]);
            return;
        }

        if (!Acceptable(http))
        {
            await RefuseAsync(http, 406, Dispatcher.Error(null, -32000, "Not Acceptable: accept both application/json and text/event-stream"));
            return;
        }

        var answer = new HttpAnswer(http, core.Options, fault);
        var modern = Revisions.SpeaksModern(core.Options.Protocol)
            && (core.Options.Protocol == MockProtocol.V20260728 || ModernHeaders.AreModern(http.Request.Headers, message));
        var finish = modern ? await ModernAsync(http, message, answer) : await _legacy.RequestAsync(http, message, answer);
        if (finish is null)
            return;
        if (MockCore.Refuses(fault))
            await ActAsync(http, fault!, message["id"]);
        else
            await answer.FinishAsync(finish);
    }

    /// <summary>Runs a stateless request; null if it was answered already.</summary>
    private async Task<JsonObject?> ModernAsync(HttpContext http, JsonObject message, HttpAnswer answer)
    {
        var (method, toolName) = MockCore.NameOf(message);
        if (message["id"] is not { } id)
        {
            http.Response.StatusCode = 202;
            return null;
        }

        if (method == "initialize")
        {
            var asked = (string?)message["params"]?["protocolVersion"] ?? "";
            var refusal = ModernHeaders.Unsupported(asked);
            await RefuseAsync(http, 400, Dispatcher.Error(id, refusal.Code, refusal.Message, refusal.ErrorData));
            return null;
        }

        if (ModernHeaders.Check(http.Request.Headers, message, toolName is null ? null : core.Tools.Find(toolName)) is { } wrong)
        {
            await RefuseAsync(http, 400, Dispatcher.Error(id, wrong.Code, wrong.Message, wrong.ErrorData));
            return null;
        }

        if (method == "subscriptions/listen")
        {
            await ListenAsync(http, message, id, answer);
            return null;
        }

        try
        {
            var response = await core.Dispatcher.HandleAsync(new Request(message, Revisions.Modern, null, answer.SendAsync, http.RequestAborted));
            if (response["error"]?["code"] is { } code && ModernHeaders.StatusOf((int)code) is var status && !http.Response.HasStarted)
                http.Response.StatusCode = status;
            return response;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return null; // the caller left, which is how this revision cancels
        }
    }

    private async Task ListenAsync(HttpContext http, JsonObject message, JsonNode id, HttpAnswer answer)
    {
        var wanted = message["params"]?["notifications"] as JsonObject ?? [];
        var listener = core.Sessions.Listen(id.DeepClone(), wanted.DeepClone().AsObject());
        try
        {
            await answer.StreamAsync();
            await answer.SendAsync(Listening.Acknowledge(listener));
            await foreach (var notification in listener.Outbox.Reader.ReadAllAsync(http.RequestAborted))
                await answer.SendAsync(notification);
            await answer.FinishAsync(Listening.End(listener));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // the caller left
        }
        finally
        {
            core.Sessions.Unlisten(listener);
        }
    }

    private async Task ActAsync(HttpContext http, Fault fault, JsonNode? id)
    {
        switch (fault.Kind)
        {
            case FaultKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, core.Options.Time, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case FaultKind.Status:
                http.Response.StatusCode = fault.Status;
                foreach (var (name, value) in fault.Headers)
                    http.Response.Headers[name] = value;
                if (fault.Body is not null)
                    await http.Response.WriteAsync(fault.Body, http.RequestAborted);
                break;
            case FaultKind.RpcError:
                await RefuseAsync(http, 200, Dispatcher.Error(id, fault.Code, fault.Body ?? "mock error"));
                break;
            case FaultKind.Crash:
                core.Crash(fault.Code);
                http.Abort();
                break;
            default:
                http.Abort();
                break;
        }
    }

    private async Task<bool> FailsAsync(HttpContext http, string verb)
    {
        var fault = core.Behaviour.Take(verb, null);
        await core.BeforeAsync(fault, http.RequestAborted);
        if (!MockCore.Refuses(fault))
            return false;
        await ActAsync(http, fault!, null);
        return true;
    }

    private static bool Acceptable(HttpContext http)
    {
        var accept = http.Request.Headers.Accept.ToString();
        return accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) && accept.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
    }

    private void See(HttpContext http, string method, string body) => core.Ledger.Seen(new SeenRequest(
        method,
        http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        body));
}
