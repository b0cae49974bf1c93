using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace McpActors.MockServer;

/// <summary>A legacy session: what was negotiated, and the messages waiting for its GET stream.</summary>
internal sealed class MockSession(string id, string version)
{
    private const int Waiting = 256;

    public string Id => id;

    public string Version => version;

    /// <summary>Messages for the GET stream. Bounded: a client that never opens one loses the oldest.</summary>
    public Channel<JsonObject> Outbox { get; } = Channel.CreateBounded<JsonObject>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest });

    public ConcurrentDictionary<string, byte> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls in flight by the JSON text of their id, for <c>notifications/cancelled</c>.</summary>
    public ConcurrentDictionary<string, CancellationTokenSource> InFlight { get; } = new(StringComparer.Ordinal);
}

/// <summary>A modern <c>subscriptions/listen</c> stream that is open.</summary>
internal sealed record Listener(JsonNode Id, JsonObject Wanted, Channel<JsonObject> Outbox)
{
    public bool Wants(string kind) => Wanted[kind] is JsonValue value && value.TryGetValue<bool>(out var wanted) && wanted;

    public bool WantsResource(string uri) => Wanted["resourceSubscriptions"] is JsonArray uris && uris.Any(entry => (string?)entry == uri);
}

/// <summary>All sessions and listeners; sends what concerns them all.</summary>
internal sealed class Sessions(Ledger ledger)
{
    private readonly ConcurrentDictionary<string, MockSession> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Listener, byte> _listeners = new();

    public int Count => _sessions.Count;

    public MockSession Open(string version)
    {
        var session = new MockSession(Guid.NewGuid().ToString("N"), version);
        _sessions[session.Id] = session;
        ledger.SessionOpened(session.Id);
        return session;
    }

    public MockSession? Find(string? id) => id is null ? null : _sessions.GetValueOrDefault(id);

    public bool Close(string id)
    {
        if (!_sessions.TryRemove(id, out var session))
            return false;
        session.Outbox.Writer.TryComplete();
        ledger.SessionClosed();
        return true;
    }

    /// <summary>Drops all sessions, as a restarted server would.</summary>
    public void Forget()
    {
        foreach (var id in _sessions.Keys)
        {
            if (_sessions.TryRemove(id, out var session))
                session.Outbox.Writer.TryComplete();
        }
    }

    public Listener Listen(JsonNode id, JsonObject wanted)
    {
        var listener = new Listener(id, wanted, Channel.CreateBounded<JsonObject>(256));
        _listeners[listener] = 0;
        return listener;
    }

    public void Unlisten(Listener listener) => _listeners.TryRemove(listener, out _);

    /// <summary>Ends every open listen stream with its empty result.</summary>
    public void EndListeners()
    {
        foreach (var listener in _listeners.Keys)
            listener.Outbox.Writer.TryComplete();
    }

    public void ListChanged(string what) => Send(
        new JsonObject { ["jsonrpc"] = "2.0", ["method"] = $"notifications/{what}/list_changed" },
        _ => true,
        listener => listener.Wants($"{what}ListChanged"));

    public void ResourceUpdated(string uri) => Send(
        new JsonObject { ["jsonrpc"] = "2.0", ["method"] = "notifications/resources/updated", ["params"] = new JsonObject { ["uri"] = uri } },
        session => session.Subscriptions.ContainsKey(uri),
        listener => listener.WantsResource(uri));

    private void Send(JsonObject message, Func<MockSession, bool> concernsSession, Func<Listener, bool> concernsListener)
    {
        foreach (var session in _sessions.Values.Where(concernsSession))
            session.Outbox.Writer.TryWrite(message.DeepClone().AsObject());
        foreach (var listener in _listeners.Keys.Where(concernsListener))
        {
            var copy = message.DeepClone().AsObject();
            var parameters = copy["params"] as JsonObject ?? [];
            parameters["_meta"] = new JsonObject { ["io.modelcontextprotocol/subscriptionId"] = listener.Id.DeepClone() };
            copy["params"] = parameters;
            listener.Outbox.Writer.TryWrite(copy);
        }
    }
}
