using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using McpActors.Cluster.Nodes;
using McpActors.Core.Configuration;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;
using McpActors.Transports.Remote;

namespace McpActors.Gateway.Nodes;

/// <summary>
/// Connections of other nodes, as this one uses them. Over HTTP it speaks to the server itself, with the session that the owner opened; a process is spoken to
/// through its node. Borrowed once and used for all calls on the connection. Thread-safe.
/// </summary>
internal sealed class RemoteConnections(INodes nodes, NodeHttp http, IUpstreamConnector connector, TransportSettings settings, TimeProvider time)
{
    /// <summary>Above every deadline of a call: what is forgotten carries nothing.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromHours(2);

    private static readonly TimeSpan BorrowTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ConnectionId, Borrowed> _borrowed = new();
    private readonly ConcurrentDictionary<IUpstreamConnection, long> _usedUp = new();
    private long _nextSweep = long.MinValue;

    /// <summary>The connection as this node can use it; null when its owner has it no more.</summary>
    /// <exception cref="UpstreamException">Its node cannot be reached.</exception>
    public async ValueTask<IUpstreamConnection?> FindAsync(ConnectionId id, ServerModel server, CancellationToken ct)
    {
        if (id.Node == nodes.Self)
            return null;
        while (true)
        {
            Sweep();
            var entry = _borrowed.GetOrAdd(id, static (key, state) => new Borrowed(new(() => state.Self.BorrowAsync(key, state.Server))), (Self: this, Server: server));
            entry.LastUse = time.GetTimestamp();
            IUpstreamConnection? connection = null;
            try
            {
                entry.Open = connection = await entry.Connection.Value.WaitAsync(ct);
            }
            finally
            {
                if (connection is null && entry.Connection.Value.IsCompleted)
                    _borrowed.TryRemove(KeyValuePair.Create(id, entry));
            }

            if (connection is null || connection.IsAlive)
                return connection;
            // Its ids are used up: the owner lends new ones. Calls may still be on it.
            _usedUp.TryAdd(connection, time.GetTimestamp());
            _borrowed.TryRemove(KeyValuePair.Create(id, entry));
        }
    }

    /// <summary>A connection that is borrowed already; null for any other.</summary>
    public IUpstreamConnection? Known(ConnectionId id) =>
        _borrowed.TryGetValue(id, out var entry) ? entry.Open : null;

    /// <summary>Gives a connection back that its owner wants to close. False while calls are on it; true also for one that is not used here.</summary>
    public async ValueTask<bool> TryGiveBackAsync(ConnectionId id)
    {
        if (_usedUp.Any(former => former.Key.Id == id && former.Key.IsBusy is true))
            return false;
        if (!_borrowed.TryGetValue(id, out var entry))
            return true;
        // What is being borrowed is about to be used; what could not be borrowed is not used.
        if (!entry.Connection.IsValueCreated || !entry.Connection.Value.IsCompleted)
            return false;
        if (entry.Connection.Value.IsCompletedSuccessfully && await entry.Connection.Value is IBorrowed connection && !connection.TryGiveBack())
            return false;
        if (_borrowed.TryRemove(KeyValuePair.Create(id, entry)))
            await entry.CloseAsync();
        return true;
    }

    private async Task<IUpstreamConnection?> BorrowAsync(ConnectionId id, ServerModel server)
    {
        var node = nodes.Find(id.Node) ?? throw RemoteConnection.NodeLost(null, sent: false);
        var path = string.Create(CultureInfo.InvariantCulture, $"{InternalPaths.Connections}{id.Value}");
        using var patience = new CancellationTokenSource(BorrowTime, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, nodes.EndOf(id.Node));
        try
        {
            using var request = NodeHttp.Request(HttpMethod.Get, node, path);
            using var response = await http.Invoker.SendAsync(request, limit.Token);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized)
                return null;
            response.EnsureSuccessStatusCode();
            var loan = (await response.Content.ReadFromJsonAsync<LoanJson>(limit.Token))!.ToLoan();
            return loan.IsProcess
                ? new RemoteConnection(id, loan, new NodeLink(http.Invoker, (method, rest) => NodeHttp.Request(method, node, path + rest), nodes.EndOf(id.Node)), settings)
                : connector.Join(server, id, loan);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException or System.Text.Json.JsonException)
        {
            throw RemoteConnection.NodeLost(fault, sent: false);
        }
    }

    private void Sweep()
    {
        var now = time.GetTimestamp();
        var due = Volatile.Read(ref _nextSweep);
        if (now < due || Interlocked.CompareExchange(ref _nextSweep, now + (long)(time.TimestampFrequency * TimeSpan.FromMinutes(5).TotalSeconds), due) != due)
            return;
        foreach (var (id, entry) in _borrowed)
        {
            if (time.GetElapsedTime(entry.LastUse, now) > IdleTime && _borrowed.TryRemove(KeyValuePair.Create(id, entry)))
                _ = entry.CloseAsync();
        }

        foreach (var (connection, since) in _usedUp)
        {
            if (time.GetElapsedTime(since, now) > IdleTime && _usedUp.TryRemove(connection, out _))
                _ = connection.DisposeAsync().AsTask();
        }
    }

    private sealed class Borrowed(Lazy<Task<IUpstreamConnection?>> connection)
    {
        public Lazy<Task<IUpstreamConnection?>> Connection => connection;

        /// <summary>The connection once it was borrowed.</summary>
        public IUpstreamConnection? Open { get; set; }

        public long LastUse { get; set; }

        public async Task CloseAsync()
        {
            if (await connection.Value is { } open)
                await open.DisposeAsync();
        }
    }
}
