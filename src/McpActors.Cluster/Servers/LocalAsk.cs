using System.Threading.Tasks.Sources;
using Akka.Actor;
using Akka.Util;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Servers;

/// <summary>
/// One question to an actor of this node, and the reference that its answer is told to. Akka's own Ask makes a reference that can be reached from other
/// nodes, which costs a registered path, a timer and a token source a question; this one never leaves the process and has a path for the log only.
/// </summary>
internal sealed class LocalAsk : MinimalActorRef, IValueTaskSource<IServerReply>
{
    private static readonly ActorPath NoPath = new RootActorPath(Address.AllSystems) / "local-ask";
    private static readonly Action<object?> End = static ask => ((LocalAsk)ask!).Cancel();

    private readonly CancellationToken _end;
    private ManualResetValueTaskSourceCore<IServerReply> _core = new() { RunContinuationsAsynchronously = true };
    private int _settled;

    private LocalAsk(IActorRefProvider provider, CancellationToken end)
    {
        Provider = provider;
        _end = end;
    }

    /// <inheritdoc />
    public override ActorPath Path => NoPath;

    /// <inheritdoc />
    public override IActorRefProvider Provider { get; }

    /// <summary>Asks.</summary>
    /// <param name="actor">An actor of this node.</param>
    /// <param name="command">The question.</param>
    /// <param name="end">Ends the wait; the answer is then dropped.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static async ValueTask<IServerReply> AskAsync(IInternalActorRef actor, IWithServerId command, CancellationToken end)
    {
        var ask = new LocalAsk(actor.Provider, end);
        using var registration = end.UnsafeRegister(End, ask);
        actor.Tell(command, ask);
        return await new ValueTask<IServerReply>(ask, ask._core.Version);
    }

    /// <inheritdoc />
    public IServerReply GetResult(short token) => _core.GetResult(token);

    /// <inheritdoc />
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc />
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc />
    public override ISurrogate ToSurrogate(ActorSystem system) => throw new NotSupportedException("The answer to a local question does not leave its node.");

    /// <inheritdoc />
    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is IServerReply reply && Settle())
            _core.SetResult(reply);
    }

    private void Cancel()
    {
        if (Settle())
            _core.SetException(new OperationCanceledException(_end));
    }

    private bool Settle() => Interlocked.Exchange(ref _settled, 1) == 0;
}
