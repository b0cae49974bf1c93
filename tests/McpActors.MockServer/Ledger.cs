using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>One executed tool call.</summary>
/// <param name="Number">Position in the ledger, from 1.</param>
/// <param name="Tool">Name of the tool.</param>
/// <param name="Token">Its <c>token</c> argument, by which tests tell calls apart.</param>
/// <param name="At">When it began.</param>
/// <param name="Session">Session it came through, if any.</param>
/// <param name="ProcessId">Process that executed it.</param>
public sealed record Effect(long Number, string Tool, string? Token, DateTimeOffset At, string? Session, int ProcessId);

/// <summary>One request as it came.</summary>
/// <param name="Method">JSON-RPC method, or the HTTP verb of a GET or DELETE.</param>
/// <param name="Headers">HTTP headers, names in lower case; empty on stdio.</param>
/// <param name="Body">The message, up to 64 KiB of it.</param>
public sealed record SeenRequest(string Method, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>What really happened at the server: every effect once, with the counters that tests compare.</summary>
public sealed class Ledger(MockOptions options)
{
    private const int BodyKept = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly List<Effect> _effects = [];
    private readonly Queue<SeenRequest> _requests = new();
    private readonly ConcurrentDictionary<string, int> _byMethod = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _concurrent;
    private int _maxConcurrent;
    private int _sessionsOpened;
    private int _sessionsClosed;
    private int _cancelled;
    private int _count;

    /// <summary>Every executed tool call, oldest first.</summary>
    public IReadOnlyList<Effect> Effects
    {
        get
        {
            lock (_lock)
                return [.. _effects];
        }
    }

    /// <summary>The last requests, oldest first.</summary>
    public IReadOnlyList<SeenRequest> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>Tool calls that are executing now.</summary>
    public int Concurrent => Volatile.Read(ref _concurrent);

    /// <summary>Most tool calls that ever executed at once.</summary>
    public int MaxConcurrent => Volatile.Read(ref _maxConcurrent);

    /// <summary>Sessions opened by <c>initialize</c>.</summary>
    public int SessionsOpened => Volatile.Read(ref _sessionsOpened);

    /// <summary>Sessions ended by DELETE.</summary>
    public int SessionsClosed => Volatile.Read(ref _sessionsClosed);

    /// <summary>Tool calls that were cancelled while they executed.</summary>
    public int Cancelled => Volatile.Read(ref _cancelled);

    /// <summary>Value of the <c>counter</c> tool.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many messages with this method arrived, faulty ones included.</summary>
    public int CountOf(string method) => _byMethod.GetValueOrDefault(method);

    /// <summary>How often a tool was executed, of one token or of all.</summary>
    public int Executions(string tool, string? token = null) =>
        Effects.Count(effect => effect.Tool == tool && (token is null || effect.Token == token));

    /// <summary>Tokens that were executed more than once; empty is what a reliable caller leaves behind.</summary>
    public IReadOnlyList<string> ExecutedTwice() =>
        [.. Effects.Where(effect => effect.Token is not null).GroupBy(effect => effect.Token!).Where(group => group.Count() > 1).Select(group => group.Key)];

    /// <summary>Waits until the ledger fulfils a condition; looks at it after each change, so no test needs to sleep.</summary>
    public async Task WaitUntilAsync(Func<Ledger, bool> condition, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (condition(this))
                return;
            try
            {
                await changed.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The ledger did not get there within {limit}: {ToJson().ToJsonString()}");
            }
        }
    }

    /// <summary>Forgets all.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _effects.Clear();
            _requests.Clear();
            _byMethod.Clear();
            _maxConcurrent = _concurrent;
            _sessionsOpened = _sessionsClosed = _cancelled = _count = 0;
        }
    }

    /// <summary>The ledger as the control interface shows it.</summary>
    public JsonObject ToJson()
    {
        var methods = new JsonObject();
        foreach (var (method, count) in _byMethod.ToArray().OrderBy(pair => pair.Key, StringComparer.Ordinal))
            methods[method] = count;
        return new JsonObject
        {
            ["effects"] = JsonSerializer.SerializeToNode(Effects, JsonSerializerOptions.Web),
            ["requests"] = methods,
            ["sessionsOpened"] = SessionsOpened,
            ["sessionsClosed"] = SessionsClosed,
            ["cancelled"] = Cancelled,
            ["concurrent"] = Concurrent,
            ["maxConcurrent"] = MaxConcurrent,
            ["count"] = Count,
            ["executedTwice"] = new JsonArray([.. ExecutedTwice().Select(token => (JsonNode)token)]),
            ["processId"] = Environment.ProcessId,
        };
    }

    /// <summary>Reads back the effects that one or several processes wrote to <see cref="MockOptions.LedgerFile"/>.</summary>
    public static IReadOnlyList<Effect> ReadFile(string path) =>
        [.. Lines(path).Where(line => (string?)line["event"] == "effect").Select(line => line["effect"].Deserialize<Effect>(JsonSerializerOptions.Web)!)];

    /// <summary>How many processes started, by <see cref="MockOptions.LedgerFile"/>.</summary>
    public static IReadOnlyList<int> ReadStarts(string path) =>
        [.. Lines(path).Where(line => (string?)line["event"] == "started").Select(line => (int)line["processId"]!)];

    internal void Started() => Append(new JsonObject { ["event"] = "started", ["processId"] = Environment.ProcessId });

    internal void Seen(SeenRequest request)
    {
        _byMethod.AddOrUpdate(request.Method, 1, (_, count) => count + 1);
        lock (_lock)
        {
            _requests.Enqueue(request.Body.Length > BodyKept ? request with { Body = request.Body[..BodyKept] } : request);
            while (_requests.Count > options.RequestsKept)
                _requests.Dequeue();
        }

        Changed();
    }

    internal void SessionOpened(string id)
    {
        Interlocked.Increment(ref _sessionsOpened);
        Append(new JsonObject { ["event"] = "session", ["id"] = id, ["processId"] = Environment.ProcessId });
        Changed();
    }

    internal void SessionClosed()
    {
        Interlocked.Increment(ref _sessionsClosed);
        Changed();
    }

    internal void Executing(string tool, string? token, string? session)
    {
        lock (_lock)
        {
            var effect = new Effect(_effects.Count + 1, tool, token, options.Time.GetUtcNow(), session, Environment.ProcessId);
            _effects.Add(effect);
            _maxConcurrent = Math.Max(_maxConcurrent, ++_concurrent);
            Append(new JsonObject { ["event"] = "effect", ["effect"] = JsonSerializer.SerializeToNode(effect, JsonSerializerOptions.Web) });
        }

        Changed();
    }

    internal void Executed(bool cancelled)
    {
        lock (_lock)
        {
            _concurrent--;
            _cancelled += cancelled ? 1 : 0;
        }

        Changed();
    }

    internal int Increment() => Interlocked.Increment(ref _count);

    private void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private static List<JsonObject> Lines(string path)
    {
        if (!File.Exists(path))
            return [];
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();

        // The last line may be half written by a process that was killed.
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        return [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }

    private void Append(JsonObject line)
    {
        if (options.LedgerFile is null)
            return;

        // One write in append mode, shared: several processes of one server may write to the same file.
        lock (_lock)
        {
            using var file = new FileStream(options.LedgerFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(Encoding.UTF8.GetBytes(line.ToJsonString() + "\n"));
        }
    }
}
