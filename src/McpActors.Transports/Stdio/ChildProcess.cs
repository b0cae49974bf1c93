using System.ComponentModel;
using System.Diagnostics;

namespace McpActors.Transports.Stdio;

/// <summary>
/// One child in a process group of its own, registered with the reaper for as long as it lives.
/// Running → (its input closed → SIGTERM → SIGKILL) → Ended. Whoever remains of its group when it ends is killed: a wrapper that
/// dies must not leave the real server behind.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly ProcessReaper _reaper;
    private readonly TimeProvider _time;
    private readonly TimeSpan _grace;
    private readonly Lazy<Task<int?>> _stop;

    private ChildProcess(Process process, ProcessReaper reaper, TimeProvider time, TimeSpan grace)
    {
        _process = process;
        _reaper = reaper;
        _time = time;
        _grace = grace;
        Id = process.Id;
        _stop = new Lazy<Task<int?>>(StopOnceAsync);
        Exited = WatchAsync();
    }

    /// <summary>The process id, which is the id of its group too.</summary>
    public int Id { get; }

    /// <summary>Its standard input.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>Its standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Its standard error.</summary>
    public Stream Error => _process.StandardError.BaseStream;

    /// <summary>Completes with the exit code once it has ended, its group is gone and it has been reaped.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts it.</summary>
    /// <param name="command">What to start.</param>
    /// <param name="reaper">Ends its group should this node die.</param>
    /// <param name="time">The clock of the waits.</param>
    /// <param name="grace">How long each polite step of a stop may take.</param>
    /// <exception cref="Win32Exception">The operating system refused.</exception>
    public static ChildProcess Start(ChildCommand command, ProcessReaper reaper, TimeProvider time, TimeSpan grace)
    {
        reaper.EnsureStarted();
        var start = new ProcessStartInfo
        {
            FileName = SessionLeader.Path,
            WorkingDirectory = command.WorkingDirectory ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(command.Program);
        foreach (var argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.Start();
        reaper.Add(process.Id);
        return new ChildProcess(process, reaper, time, grace);
    }

    /// <summary>
    /// Ends it: politely first, surely in the end. Returns the exit code, null when even SIGKILL did not end it in time. Whoever asks again gets
    /// the same stop.
    /// </summary>
    public Task<int?> StopAsync() => _stop.Value;

    private async Task<int?> StopOnceAsync()
    {
        CloseInput();
        if (!await EndsWithinAsync(_grace))
        {
            ProcessGroup.Terminate(Id);
            if (!await EndsWithinAsync(_grace))
            {
                ProcessGroup.Kill(Id);
                await EndsWithinAsync(AfterKill);
            }
        }

        return Exited.IsCompletedSuccessfully ? await Exited : null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (await StopAsync() is not null)
        {
            // Streams that were taken from a process are not closed with it.
            await Output.DisposeAsync();
            await Error.DisposeAsync();
            _process.Dispose();
        }
    }

    private async Task<int> WatchAsync()
    {
        await _process.WaitForExitAsync();
        ProcessGroup.Kill(Id);
        _reaper.Remove(Id);
        return _process.ExitCode;
    }

    private async Task<bool> EndsWithinAsync(TimeSpan limit)
    {
        try
        {
            await Exited.WaitAsync(limit, _time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void CloseInput()
    {
        try
        {
            Input.Dispose();
        }
        catch (IOException)
        {
            // The child has closed its end already: then it knows.
        }
    }
}
