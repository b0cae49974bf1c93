using System.Globalization;
using System.Runtime.InteropServices;

namespace McpActors.Testing;

/// <summary>Signals to processes and a look at those that run, for tests about orphans; Linux only.</summary>
public static class ProcessTable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    /// <summary>Ids of the processes one of whose arguments contains the text. Zombies have no arguments and are not among them.</summary>
    public static IReadOnlyList<int> WithArgument(string text) =>
        [.. Ids().Where(id => Read(id, "cmdline").Contains(text, StringComparison.Ordinal))];

    /// <summary>Ids of the children of a process that ended and were not collected.</summary>
    public static IReadOnlyList<int> ZombiesOf(int parent) => [.. Ids().Where(id => StatusOf(id) is ('Z', var of) && of == parent)];

    /// <summary>Whether a process runs; a zombie does not.</summary>
    public static bool IsRunning(int id) => StatusOf(id) is ({ } state, _) && state is not ('Z' or 'X');

    /// <summary>
    /// Whether a process has ended and was collected. Only then is it certain that its files are closed: a zombie may have threads left that hold them.
    /// </summary>
    public static bool IsGone(int id) => StatusOf(id) is null;

    /// <summary>Resident memory of a process, bytes.</summary>
    public static long ResidentBytes(int id)
    {
        var line = Read(id, "status").Split('\n').FirstOrDefault(entry => entry.StartsWith("VmRSS:", StringComparison.Ordinal)) ?? "VmRSS: 0 kB";
        return long.Parse(line.Split(' ', '\t').First(part => part.Length > 0 && char.IsAsciiDigit(part[0])), CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Ends a process at once, as a power cut would.</summary>
    public static void Kill(int id) => Signal(id, SigKill);

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int id) => Signal(id, SigTerm);

    /// <summary>Halts a process where it is, until <see cref="Continue"/>.</summary>
    public static void Halt(int id) => Signal(id, SigStop);

    /// <summary>Lets a halted process go on.</summary>
    public static void Continue(int id) => Signal(id, SigCont);

    private static void Signal(int id, int signal)
    {
        if (SendSignal(id, signal) != 0 && Marshal.GetLastPInvokeError() is var error and not 3)
            throw new InvalidOperationException($"kill({id}, {signal}) failed with error {error}.");
    }

    private static IEnumerable<int> Ids() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0);

    /// <summary>State and parent, from the fields after the name in parentheses.</summary>
    private static (char State, int Parent)? StatusOf(int id)
    {
        var stat = Read(id, "stat");
        var end = stat.LastIndexOf(')');
        if (end < 0)
            return null;
        var fields = stat[(end + 2)..].Split(' ');
        return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
    }

    private static string Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}").Replace('\0', ' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended between the listing and the look
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int id, int signal);
}
