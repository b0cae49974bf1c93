using System.Text.Json.Nodes;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Transports.Tests;

/// <summary>Events of connections, to be waited for.</summary>
internal sealed class RecordedEvents : IUpstreamEvents
{
    private readonly Lock _lock = new();
    private readonly List<JsonObject> _messages = [];
    private readonly List<(ConnectionId Id, string Reason, int? ExitCode)> _closed = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Which requests of the server are taken.</summary>
    public Func<string, bool> Takes { get; init; } = _ => false;

    public IReadOnlyList<(ConnectionId Id, string Reason, int? ExitCode)> Closed
    {
        get
        {
            lock (_lock)
            {
                return [.. _closed];
            }
        }
    }

    public IReadOnlyList<JsonObject> Messages
    {
        get
        {
            lock (_lock)
            {
                return [.. _messages];
            }
        }
    }

    public void OnMessage(ConnectionId id, ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            _messages.Add(JsonNode.Parse(message.Span)!.AsObject());
        }

        Changed();
    }

    public bool OnRequest(ConnectionId id, string method, ReadOnlyMemory<byte> message)
    {
        if (Takes(method))
        {
            OnMessage(id, message);
            return true;
        }

        return false;
    }

    public void OnClosed(ConnectionId id, UpstreamFault reason, int? exitCode)
    {
        lock (_lock)
        {
            _closed.Add((id, reason.ForOperators, exitCode));
        }

        Changed();
    }

    public async Task<(ConnectionId Id, string Reason, int? ExitCode)> ClosedAsync()
    {
        await UntilAsync(() => Closed.Count > 0);
        return Closed[0];
    }

    public async Task<JsonObject> MessageAsync(string method)
    {
        await UntilAsync(() => Messages.Any(message => (string?)message["method"] == method));
        return Messages.First(message => (string?)message["method"] == method);
    }

    public async Task UntilAsync(Func<bool> condition)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (condition())
            {
                return;
            }

            await changed.WaitAsync(Limits.Patience);
        }
    }

    private void Changed()
        => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

/// <summary>How long a test waits for what must happen, on a machine that others use too.</summary>
internal static class Limits
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
}
