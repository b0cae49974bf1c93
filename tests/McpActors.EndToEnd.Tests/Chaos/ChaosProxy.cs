using System.Net;
using System.Net.Sockets;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// A TCP proxy that can be slow: the kernel here has no netem. What arrives is held for <see cref="Delay"/> in each direction; order and contents stay.
/// </summary>
internal sealed class ChaosProxy : IAsyncDisposable
{
    private const int Piece = 16 * 1024;

    private readonly TcpListener _listener;
    private readonly Uri _target;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;
    private long _delay;

    private ChaosProxy(string address, Uri target)
    {
        _target = target;
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long each piece is held, in each direction. Default: not at all.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delay));
        set => Volatile.Write(ref _delay, value.Ticks);
    }

    /// <summary>Starts one before a listener.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="target">Host and port it leads to.</param>
    public static ChaosProxy Start(string address, Uri target) => new(address, target);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stopped.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task CarryAsync(TcpClient caller)
    {
        using var target = new TcpClient { NoDelay = true };
        using var owned = caller;
        caller.NoDelay = true;
        try
        {
            await target.ConnectAsync(_target.Host, _target.Port, _stopped.Token);
            var (left, right) = (caller.GetStream(), target.GetStream());
            await Task.WhenAny(CopyAsync(left, right), CopyAsync(right, left));
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
        {
            // One side is gone; both are closed.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[Piece];
        try
        {
            while (await from.ReadAsync(buffer, _stopped.Token) is var read and > 0)
            {
                if (Delay > TimeSpan.Zero)
                    await Task.Delay(Delay, _stopped.Token);
                await to.WriteAsync(buffer.AsMemory(0, read), _stopped.Token);
            }
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is over.
        }
    }
}
