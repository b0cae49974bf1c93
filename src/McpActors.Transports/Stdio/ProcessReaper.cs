using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Stdio;

/// <summary>
/// Makes children die with the node, whatever ends it. One small shell, in a session of its own, reads process group ids from a pipe whose only
/// writing end is ours; when the node is gone the pipe ends, and it kills every group that is still listed. A parent-death signal would not do:
/// it fires when the spawning thread ends, and it does not reach grandchildren.
/// </summary>
public sealed class ProcessReaper : IDisposable
{
    // The signals a terminal or a service manager sends to everything it knows must not end the reaper before the node.
    // A child that was started this very moment may not be a group yet: then it is killed by itself.
    private const string Script = """
        exec >/dev/null 2>&1
        trap '' HUP INT TERM
        ids=' '
        while read -r verb id; do
          case $verb in
            add) ids="$ids$id " ;;
            del) case $ids in *" $id "*) ids=${ids%%" $id "*}" "${ids#*" $id "} ;; esac ;;
          esac
        done
        for id in $ids; do kill -KILL "-$id" || kill -KILL "$id"; done
        """;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _groups = [];
    private readonly ILogger<ProcessReaper> _log;
    private Process? _shell;
    private bool _disposed;

    /// <summary>Creates it; the shell starts with the first child.</summary>
    public ProcessReaper(ILogger<ProcessReaper> log) => _log = log;

    /// <summary>The reaper's own process, for tests and the status page.</summary>
    public int? ProcessId
    {
        get
        {
            lock (_lock)
            {
                return _shell is { HasExited: false } shell ? shell.Id : null;
            }
        }
    }

    /// <summary>How many groups would be ended with the node.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _groups.Count;
            }
        }
    }

    /// <summary>Starts the shell unless it runs. Called before a child is started, so that no child is ever without it.</summary>
    internal void EnsureStarted()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_shell is { HasExited: false })
            {
                return;
            }

            StartShell();
        }
    }

    /// <summary>From now on this group ends with the node.</summary>
    internal void Add(int group)
    {
        lock (_lock)
        {
            _groups.Add(group);
            Tell("add", group);
        }
    }

    /// <summary>The group has ended; its id may soon belong to somebody else.</summary>
    internal void Remove(int group)
    {
        lock (_lock)
        {
            if (_groups.Remove(group))
            {
                Tell("del", group);
            }
        }
    }

    /// <summary>Ends the shell, which kills whatever is still listed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            CloseShell();
        }
    }

    private void Tell(string verb, int group)
    {
        if (_disposed)
        {
            return;
        }

        try
        {
            if (_shell is null or { HasExited: true })
            {
                StartShell();
                return;
            }

            _shell.StandardInput.Write(string.Create(CultureInfo.InvariantCulture, $"{verb} {group}\n"));
            _shell.StandardInput.Flush();
        }
        catch (IOException fault)
        {
            _log.LogWarning(fault, "The process reaper has gone; starting another");
            StartShell();
        }
    }

    /// <summary>A new shell learns every living group, so one that was killed leaves no gap.</summary>
    private void StartShell()
    {
        CloseShell();
        var start = new ProcessStartInfo
        {
            FileName = SessionLeader.Path,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("/bin/sh");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        start.Environment.Clear();
        _shell = Process.Start(start)!;
        foreach (var group in _groups)
        {
            _shell.StandardInput.Write(string.Create(CultureInfo.InvariantCulture, $"add {group}\n"));
        }

        _shell.StandardInput.Flush();
    }

    private void CloseShell()
    {
        try
        {
            _shell?.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before us: nothing to close.
        }

        _shell?.Dispose();
        _shell = null;
    }
}
