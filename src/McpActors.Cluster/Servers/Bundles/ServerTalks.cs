using System.Collections.Concurrent;
using Akka.Actor;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bundles;

namespace McpActors.Cluster.Servers.Bundles;

/// <summary>
/// What this node says to the actors of servers on other nodes about its calls: one <see cref="ServerTalk"/> for each server that was called lately, each of
/// which says several things in one message when there are several. Thread-safe.
/// </summary>
internal sealed class ServerTalks(TimeProvider time)
{
    /// <summary>A talk without a word for this long is forgotten when the next one begins.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<ServerId, ServerTalk> _talks = new();
    private readonly CallTimer.Pool _limits = new(time);
    private IActorRef _region = ActorRefs.Nobody;
    private IActorRef _ear = ActorRefs.Nobody;
    private long _sweptAt;

    private TimeProvider Time => time;

    /// <summary>Servers that are talked about.</summary>
    public int Count => _talks.Count;

    /// <summary>The actor system runs.</summary>
    /// <param name="region">The way to the actors.</param>
    /// <param name="ear">Where answers come; passes them to <see cref="Take"/>.</param>
    public void Start(IActorRef region, IActorRef ear)
    {
        _region = region;
        _ear = ear;
    }

    /// <summary>Asks about a call. An answer that comes after the end of the wait is dropped.</summary>
    /// <param name="command">The question.</param>
    /// <param name="call">The call.</param>
    /// <param name="limit">How long the answer is waited for.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="AskTimeoutException">There was no answer in time.</exception>
    public async Task<IServerReply> AskAsync(IServerCommand command, CallId call, TimeSpan limit, CancellationToken ct)
    {
        var answer = new TaskCompletionSource<IServerReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        var talk = For(command.Server);
        while (!talk.Ask(command, call, answer))
            talk = For(command.Server);
        using var timer = _limits.Start(limit, ct);
        try
        {
            return await answer.Task.WaitAsync(timer.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new AskTimeoutException($"No answer within {limit}.");
        }
        finally
        {
            talk.Forget(call, answer);
        }
    }

    /// <summary>Says something about a call that needs no answer.</summary>
    public void Tell(IServerCommand command)
    {
        while (!For(command.Server).Tell(command))
        {
            // It was being forgotten; there is another one now.
        }
    }

    /// <summary>Takes what an actor answered.</summary>
    public void Take(BundleProtocol.Answered answered)
    {
        if (_talks.TryGetValue(answered.Server, out var talk))
            talk.Take(answered);
    }

    internal void Send(BundleProtocol.Said said) => _region.Tell(said, _ear);

    private ServerTalk For(ServerId server)
    {
        if (_talks.TryGetValue(server, out var talk))
            return talk;
        Sweep();
        return _talks.GetOrAdd(server, static (id, talks) => new ServerTalk(id, talks, talks.Time), this);
    }

    private void Sweep()
    {
        var last = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(last) < Idle || Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), last) != last)
            return;
        foreach (var (server, talk) in _talks)
        {
            if (talk.TryEnd(Idle))
                _talks.TryRemove(KeyValuePair.Create(server, talk));
        }
    }
}

/// <summary>One per node: hears the actors of servers on other nodes.</summary>
internal sealed class BundleEar : ReceiveActor
{
    /// <summary>Its name at the top of the actor system.</summary>
    public const string Name = "answers";

    public BundleEar(ServerTalks talks) => Receive<BundleProtocol.Answered>(talks.Take);

    public static Props Props(ServerTalks talks) => Akka.Actor.Props.Create(() => new BundleEar(talks));
}
