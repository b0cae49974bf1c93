using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Feed;
using McpActors.Cluster.Persistence;
using McpActors.Core.Servers;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// What is recorded behind, and operators' orders, which are recorded first.
internal sealed partial class ServerActor
{
    private void Record(IServerEvent change)
    {
        if (change is CircuitChanged circuit)
        {
            Tell(circuit);
        }

        // Of what only the last counts, only the last waits for a journal that is down.
        var key = change switch
        {
            ListLearned list => $"list-{list.Kind}",
            PeerLearned => "peer",
            _ => null,
        };
        _recorder.Store(new RecorderProtocol.Record(++_lastRecord, change, Confirm: false, key));
        CountForSnapshot();
    }

    // Counted, and told to who watches, wherever in the cluster.
    private void Tell(CircuitChanged circuit)
    {
        _node.Metrics.CircuitChanged(_server, circuit.Change);
        var (what, text) = (ServerHistoryText.Describe(0, circuit), circuit.Change.Reason);
        Context.System.EventStream.Publish(new Transition(
            TransitionKind.Circuit, _server.Value, what.Kind, text.Length == 0 ? what.Text : $"{what.Text}: {text}", circuit.At, _node.Name));
    }

    private void CountForSnapshot()
    {
        if (++_sinceSnapshot >= _node.SnapshotEvery && _decider.Recovered)
        {
            _sinceSnapshot = 0;
            _recorder.Store(new RecorderProtocol.SaveSnapshot(_decider.StateToStore));
        }
    }

    private void OnOrder(IOperatorCommand command)
    {
        var now = Now;
        _lastUse = now;
        Refresh(now);
        var (acted, refusal) = _decider.Plan(command, now);
        if (acted is null)
        {
            Sender.Tell(new OperatorRefused(_server, refusal!));
        }
        else
        {
            (_orders ??= [])[++_lastRecord] = new Order(acted, Sender);
            _recorder.Store(new RecorderProtocol.Record(_lastRecord, acted, Confirm: true));
        }

        Finish(now);
    }

    private void OnRecorded(RecorderProtocol.Recorded message)
    {
        _recorder.OnRecorded(message);
        if (_orders is not { } orders || !orders.Remove(message.Id, out var order))
        {
            return;
        }

        var now = Now;
        var text = _decider.Act(order.Event, now);
        Send(order.Sender, new OperatorDone(_server, text, StatusNow(now)));
        Finish(now);
        CountForSnapshot();
    }

    private void OnRecordFailed(RecorderProtocol.RecordFailed message)
    {
        if (_orders is { } orders && orders.Remove(message.Id, out var order))
        {
            order.Sender.Tell(new OperatorRefused(_server, message.IsInDoubt
                ? $"whether it is in force is not known yet, because its storing has not ended: {message.Reason}"
                : $"it could not be stored: {message.Reason}"));
        }
    }

    // Refused in time, stored after all: the journal says that it was ordered, so it is in force.
    private void OnSurfaced(RecorderProtocol.Surfaced message)
    {
        _recorder.OnSurfaced(message);
        if (message.Event is OperatorActed acted)
        {
            _log.Warning("{Action} of {Server} by {Actor} was refused, but is stored after all and now in force", acted.Action, _server, acted.Actor);
            Decide(now => _decider.Act(acted, now));
        }
    }

    private void OnSecondWriter(RecorderProtocol.SecondWriterFound message)
    {
        // The other one has newer facts; every further decision here would be made against them.
        _log.Error("{Server} has a second owner ({Reason}); this one stops", _server, message.Reason);
        Context.Stop(Self);
    }

    // It rested, or it has stored what was left; any other end is this actor's too.
    private void OnRecorderStopped()
    {
        if (!_recorder.OnTerminated() || (_closed && !_recorder.IsAwake))
        {
            Context.Stop(Self);
        }
    }
}
