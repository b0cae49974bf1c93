using System.Diagnostics;
using McpActors.EndToEnd.Tests.Reliability;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>An end of a node's process.</summary>
/// <param name="At">When, on the clock of <see cref="Stopwatch"/>.</param>
/// <param name="Code">Its exit code; 137 after SIGKILL.</param>
internal sealed record Exit(long At, int Code);

/// <summary>A node under a supervisor, as compose and systemd are one: when its process ends, for whatever reason, it is started again.</summary>
internal sealed class SupervisedNode : IAsyncDisposable
{
    /// <summary>From an end to the next start, as <c>RestartSec</c>.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_ever = TimeSpan.FromDays(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<Exit> _exits = [];
    private readonly HttpClient _probe = new() { Timeout = TimeSpan.FromSeconds(2) };
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watch = Task.CompletedTask;
    private bool _disposed;
    private int _processId;

    private SupervisedNode(GatewayProcess process)
    {
        Process = process;
        At = new GatewayHttp(process);
        _released.SetResult();
    }

    /// <summary>The process, over all its lives.</summary>
    public GatewayProcess Process { get; }

    /// <summary>A caller at this node alone.</summary>
    public GatewayHttp At { get; }

    /// <summary>Id of the running process; of the last one while there is none.</summary>
    public int ProcessId => Volatile.Read(ref _processId);

    /// <summary>Every end so far.</summary>
    public IReadOnlyList<Exit> Exits
    {
        get
        {
            lock (_lock)
                return [.. _exits];
        }
    }

    /// <summary>Starts a node, not waiting until it is ready.</summary>
    public static async Task<SupervisedNode> StartAsync(string yaml, GatewayProcessOptions options)
    {
        var node = new SupervisedNode(await GatewayProcess.StartAsync(yaml, options with { WaitUntilReady = false }));
        node._processId = node.Process.ProcessId;
        node._watch = node.WatchAsync();
        return node;
    }

    /// <summary>SIGKILL; the supervisor starts it again.</summary>
    public Task<Exit> KillAsync() => EndAsync(ProcessTable.Kill);

    /// <summary>SIGTERM; the supervisor starts it again.</summary>
    public Task<Exit> StopAsync() => EndAsync(ProcessTable.Terminate);

    /// <summary>SIGSTOP: it runs no more and is not gone.</summary>
    public void Halt() => ProcessTable.Halt(ProcessId);

    /// <summary>SIGCONT.</summary>
    public void Continue() => ProcessTable.Continue(ProcessId);

    /// <summary>From now on an end is an end, until <see cref="Release"/>.</summary>
    public void Hold() => _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts it again if it has ended since <see cref="Hold"/>.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Waits for the end that comes after so many.</summary>
    public async Task<Exit> EndAfterAsync(int exits, TimeSpan limit)
    {
        await UntilAsync(() => Task.FromResult(Exits.Count > exits), "ended", limit);
        return Exits[exits];
    }

    /// <summary>Waits until it takes calls; how long that took.</summary>
    public Task<TimeSpan> UntilReadyAsync(TimeSpan limit) => UntilAsync(IsReadyAsync, "ready", limit);

    /// <summary>Whether it takes calls, as its probe says.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _probe.GetAsync(new Uri(Process.Front, "/healthz/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception gone) when (gone is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>Looks again and again until the condition holds; how long that took.</summary>
    public async Task<TimeSpan> UntilAsync(Func<Task<bool>> condition, string what, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(s_look);
        do
        {
            try
            {
                if (await condition())
                    return watch.Elapsed;
            }
            catch (Exception gone) when (gone is HttpRequestException or TaskCanceledException)
            {
                // It does not answer now.
            }
        }
        while (watch.Elapsed < limit && await timer.WaitForNextTickAsync());
        throw new TimeoutException($"{Process.Front} was not {what} within {limit}:\n{Tail()}");
    }

    /// <summary>The last it wrote.</summary>
    public string Tail(int characters = 12_000) => Process.Output is var output && output.Length > characters ? output[^characters..] : output;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        Release();
        ProcessTable.Kill(ProcessId);
        await _watch;
        At.Dispose();
        _probe.Dispose();
        await Process.DisposeAsync();
    }

    private async Task<Exit> EndAsync(Action<int> signal)
    {
        var before = Exits.Count;
        signal(ProcessId);
        return await EndAfterAsync(before, TimeSpan.FromSeconds(120));
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            var code = await Process.ExitAsync(s_ever);
            lock (_lock)
                _exits.Add(new Exit(Stopwatch.GetTimestamp(), code));
            await _released.Task;
            if (_disposed)
                return;
            await Task.Delay(s_pause);
            if (_disposed)
                return;
            await Process.StartAsync();
            Volatile.Write(ref _processId, Process.ProcessId);
        }
    }
}
