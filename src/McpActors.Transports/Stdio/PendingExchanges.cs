using McpActors.Core.Servers.Calls;

namespace McpActors.Transports.Stdio;

/// <summary>The requests a child has not answered yet, by their ids. Thread-safe.</summary>
internal sealed class PendingExchanges
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, StdioExchange> _byId = [];
    private bool _closed;

    /// <summary>Whether nothing waits for an answer.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _byId.Count == 0;
            }
        }
    }

    /// <summary>Lists one; false when the child is lost.</summary>
    public bool TryAdd(StdioExchange exchange)
    {
        lock (_lock)
        {
            return !_closed && _byId.TryAdd(exchange.Id, exchange);
        }
    }

    /// <summary>The one with this id.</summary>
    public StdioExchange? Find(long id)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(id);
        }
    }

    /// <summary>Removes the one with this id.</summary>
    public StdioExchange? Take(long id)
    {
        lock (_lock)
        {
            return _byId.Remove(id, out var exchange) ? exchange : null;
        }
    }

    /// <summary>Removes the only one; null when there are none or several.</summary>
    public StdioExchange? TakeOnly()
    {
        lock (_lock)
        {
            return _byId.Count == 1 && _byId.Remove(_byId.Keys.First(), out var exchange) ? exchange : null;
        }
    }

    /// <summary>Fails all, and takes no more.</summary>
    public void Close(AttemptResult result, string what)
    {
        StdioExchange[] all;
        lock (_lock)
        {
            _closed = true;
            all = [.. _byId.Values];
            _byId.Clear();
        }

        foreach (var exchange in all)
        {
            exchange.Fail(result, what);
        }
    }
}
