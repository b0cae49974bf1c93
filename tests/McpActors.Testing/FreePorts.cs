using System.Net;
using System.Net.Sockets;

namespace McpActors.Testing;

/// <summary>
/// Ports that nobody uses, below those that the system gives to outgoing connections, so that none of these takes one while its owner restarts. None is
/// given twice by a process. Thread-safe.
/// </summary>
public static class FreePorts
{
    private const int First = 12_000, Count = 20_000;

    // Somewhere, because other test processes look for theirs at the same time.
    private static int s_last = Random.Shared.Next(Count);

    /// <summary>One.</summary>
    public static int Take()
    {
        for (var looks = 0; looks < Count; looks++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref s_last) % Count);
            if (IsFree(port))
                return port;
        }

        throw new InvalidOperationException($"No port from {First} to {First + Count - 1} is free.");
    }

    /// <summary>Several that differ.</summary>
    public static int[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Take())];

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false; // somebody has it
        }
    }
}
