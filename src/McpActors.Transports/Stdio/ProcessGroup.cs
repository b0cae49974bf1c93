using System.Runtime.InteropServices;

namespace McpActors.Transports.Stdio;

/// <summary>Signals to a whole process group: a child such as <c>npx → sh → node</c> is three processes, and all of them must end.</summary>
internal static partial class ProcessGroup
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>Asks every member of the group to end.</summary>
    public static void Terminate(int group) => Signal(group, SigTerm);

    /// <summary>Ends every member of the group.</summary>
    public static void Kill(int group) => Signal(group, SigKill);

    private static void Signal(int group, int signal)
    {
        // 0 would be our own group and 1 everything we may signal: a wrong id must never get that far.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(group, 1);

        // The only expected error is "no such process": the group has ended by itself, which is what we want.
        _ = KillSystemCall(-group, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillSystemCall(int pid, int signal);
}
