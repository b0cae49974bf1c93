using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bundles;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// The start: the journal is read, then the stored results are taken back; calls wait for both, but not for long.
internal sealed partial class ServerActor
{
    /// <summary>Messages kept while loading; the journal answers in milliseconds or not at all.</summary>
    private const int MostKept = 10_000;

    private Queue<(object Message, IActorRef Sender)>? _kept;
    private TimeSpan _patience;

    private void Keep(object message)
    {
        if (_kept is not { Count: >= MostKept })
        {
            (_kept ??= new()).Enqueue((message, Sender));
        }
        else if (message is Admit admit)
        {
            Sender.Tell(StillLoading(admit.Call));
        }
        else if (message is BundleProtocol.Said { Commands: var commands })
        {
            Sender.Tell(new BundleProtocol.Answered(_server, 0, [.. commands.OfType<Admit>().Select(asked => new CallAnswer(asked.Call, StillLoading(asked.Call)))]));
        }
    }

    private Rejected StillLoading(CallId call) => new(call, RejectReason.Unavailable, null, TimeSpan.FromSeconds(1), $"'{_server}' is loading its state");

    private void OnRecovered(RecorderProtocol.Recovered recovered)
    {
        _recorder.OnRecovered(recovered);
        var state = recovered.Snapshot as ServerState ?? ServerState.Initial;
        foreach (var change in recovered.Events)
        {
            state = state.Evolve((IServerEvent)change);
        }

        // Counted on, or a server with few events in each life would never get a snapshot, and its journal only grow.
        _sinceSnapshot += recovered.Events.Count;
        Decide(now => _decider.Recover(state, now));
        RestoreResults();
        if (!_awaitsResults)
        {
            Serve();
        }
    }

    private void OnLoadingOver()
    {
        if (_decider.Recovered)
        {
            _log.Warning("The stored results of {Server} do not come; it serves without them", _server);
            _awaitsResults = false;
            Serve();
            return;
        }

        // A slow journal is waited for: serving without its past would close a circuit that is open. One that fails is not.
        _patience += _node.RecoveryPatience;
        if (_node.Journal.State is JournalState.Ok && _patience < _node.SlowRecoveryPatience)
        {
            Timers.StartSingleTimer(LoadTimer, LoadingOver.Instance, _node.RecoveryPatience);
            return;
        }

        _log.Warning("The journal of {Server} does not answer; it serves with a closed circuit and without its past", _server);
        Decide(_decider.Begin);
        _awaitsResults = false;
        Serve();
    }

    private void Serve()
    {
        Timers.Cancel(LoadTimer);
        _serves = true;
        _node.Local.Add(_server, Self);
        TakeOverLeases();
        while (_kept is not null && _kept.TryDequeue(out var kept))
        {
            Self.Tell(kept.Message, kept.Sender);
        }

        _kept = null;
    }
}
