using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>The stdio transport, both eras: one JSON-RPC message a line.</summary>
internal sealed class StdioHost(MockCore core, TextReader input, Stream output) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _inFlight = new(StringComparer.Ordinal);
    private MockSession? _session;

    private IReadOnlyList<string> Versions => Revisions.LegacyOf(core.Options.Protocol);

    /// <summary>Serves until the end of input, or for ever if that is to be ignored.</summary>
    public async Task RunAsync()
    {
        core.WriteGarbageAsync = text => WriteAsync(text + "\n");
        while (await input.ReadLineAsync() is { } line)
        {
            if (line.Length > 0)
                _ = ReceiveAsync(line);
        }

        if (core.Options.IgnoreEndOfInput)
            await Task.Delay(Timeout.InfiniteTimeSpan, core.Options.Time);
    }

    public void Dispose() => _writing.Dispose();

    private async Task ReceiveAsync(string line)
    {
        try
        {
            if (JsonNode.Parse(line) is JsonObject message)
                await ReceiveAsync(message, line);
        }
        catch (JsonException broken)
        {
            await WriteAsync(Dispatcher.Error(null, -32700, broken.Message).ToJsonString() + "\n");
        }
        catch (IOException)
        {
            // The reader of our output is gone; there is nobody left to tell.
        }
    }

    private async Task ReceiveAsync(JsonObject message, string line)
    {
        var (method, tool) = MockCore.NameOf(message);
        if (method == ControlCommands.Method)
        {
            var result = await ControlCommands.ApplyAsync(core, message["params"] as JsonObject ?? []);
            await WriteAsync(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = message["id"]?.DeepClone(), ["result"] = result }.ToJsonString() + "\n");
            return;
        }

        core.Ledger.Seen(new SeenRequest(method, new Dictionary<string, string>(), line));
        if (message["id"] is not { } id || message["method"] is null)
        {
            if (method == "notifications/cancelled" && message["params"]?["requestId"] is { } cancelled && _inFlight.TryGetValue(cancelled.ToJsonString(), out var running))
                await running.CancelAsync();
            return;
        }

        var fault = core.Behaviour.Take(method, tool);
        using var cancellation = new CancellationTokenSource();
        _inFlight[id.ToJsonString()] = cancellation;
        try
        {
            await core.BeforeAsync(fault, cancellation.Token);
            if (MockCore.Refuses(fault) && !fault!.Execute)
                await ActAsync(fault, id);
            else
                await AnswerAsync(message, fault, cancellation.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // A cancelled request gets no response.
        }
        finally
        {
            _inFlight.TryRemove(id.ToJsonString(), out _);
        }
    }

    private async Task AnswerAsync(JsonObject message, Fault? fault, CancellationToken cancellation)
    {
        var version = VersionOf(message);
        if ((string?)message["method"] == "subscriptions/listen" && version == Revisions.Modern)
        {
            await ListenAsync(message, cancellation);
            return;
        }

        var response = await core.Dispatcher.HandleAsync(new Request(message, version, _session, notification => WriteAsync(notification.ToJsonString() + "\n"), cancellation));
        if (MockCore.Refuses(fault))
            await ActAsync(fault!, message["id"]!);
        else
            await SendAsync(MockCore.Mangle(response, fault) + "\n", fault);
    }

    private string VersionOf(JsonObject message)
    {
        var asked = (string?)message["params"]?["_meta"]?["io.modelcontextprotocol/protocolVersion"];
        if (Revisions.SpeaksModern(core.Options.Protocol) && (asked is not null || Versions.Count == 0))
            return Revisions.Modern;
        if ((string?)message["method"] != "initialize")
            return _session?.Version ?? Versions[0];
        var wanted = (string?)message["params"]?["protocolVersion"] ?? "";
        _session = core.Sessions.Open(Versions.Contains(wanted) ? wanted : Versions[0]);
        _ = PumpAsync(_session);
        return _session.Version;
    }

    private async Task PumpAsync(MockSession session)
    {
        await foreach (var message in session.Outbox.Reader.ReadAllAsync())
            await WriteAsync(message.ToJsonString() + "\n");
    }

    private async Task ListenAsync(JsonObject message, CancellationToken cancellation)
    {
        var wanted = message["params"]?["notifications"] as JsonObject ?? [];
        var listener = core.Sessions.Listen(message["id"]!.DeepClone(), wanted.DeepClone().AsObject());
        try
        {
            await WriteAsync(Listening.Acknowledge(listener).ToJsonString() + "\n");
            await foreach (var notification in listener.Outbox.Reader.ReadAllAsync(cancellation))
                await WriteAsync(notification.ToJsonString() + "\n");
            await WriteAsync(Listening.End(listener).ToJsonString() + "\n");
        }
        finally
        {
            core.Sessions.Unlisten(listener);
        }
    }

    private async Task ActAsync(Fault fault, JsonNode id)
    {
        switch (fault.Kind)
        {
            case FaultKind.Hang:
                break;
            case FaultKind.Status:
                await WriteAsync(Dispatcher.Error(id, -32603, $"status {fault.Status}").ToJsonString() + "\n");
                break;
            case FaultKind.RpcError:
                await WriteAsync(Dispatcher.Error(id, fault.Code, fault.Body ?? "mock error").ToJsonString() + "\n");
                break;
            default:
                core.Crash(fault.Kind == FaultKind.Crash ? fault.Code : 0);
                break;
        }
    }

    private async Task SendAsync(string line, Fault? fault)
    {
        if (fault?.Kind is FaultKind.Cut or FaultKind.CutJson or FaultKind.CutSse)
        {
            await WriteAsync(line[..(int)(line.Length * fault.At)]);
            core.Crash(1);
            return;
        }

        if (fault?.Kind != FaultKind.Trickle)
        {
            await WriteAsync(line);
            return;
        }

        foreach (var piece in line.Chunk(Math.Max(1, (line.Length + 9) / 10)))
        {
            await WriteAsync(new string(piece));
            await Task.Delay(TimeSpan.FromMilliseconds(fault.Ms), core.Options.Time);
        }
    }

    private async Task WriteAsync(string text)
    {
        await _writing.WaitAsync();
        try
        {
            await output.WriteAsync(Encoding.UTF8.GetBytes(text));
            await output.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }
    }
}
