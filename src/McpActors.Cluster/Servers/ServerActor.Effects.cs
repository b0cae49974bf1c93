using System.Collections.Frozen;
using Akka.Actor;
using Akka.Event;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// Performs what was decided. One dispatch; every result comes back as a message.
internal sealed partial class ServerActor
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly CancellationTokenSource _stopped = new();
    private Dictionary<ConnectionId, CancellationTokenSource>? _opening;
    private HashSet<ConnectionId>? _open;
    private IReadOnlyDictionary<ConnectionId, DateTimeOffset> _left = FrozenDictionary<ConnectionId, DateTimeOffset>.Empty;
    private int _closing;
    private bool _closed;

    private void Decide(Action<DateTimeOffset> decide)
    {
        var now = Now;
        decide(now);
        Finish(now);
    }

    private void Finish(DateTimeOffset now)
    {
        _decider.ShareOut(now);
        var effects = _decider.Effects;
        for (var i = 0; i < effects.Count; i++)
        {
            Watch(effects[i]);
            Perform(effects[i]);
        }

        effects.Clear();
        TellLoad();
        TellHealth(now);
        ScheduleTick(now);
        ScheduleStoreResults();
        if (_leaving && _decider.Calls == 0)
        {
            CloseAndStop();
        }
    }

    // Of an actor that was only asked whether there is such a server, nothing is shown.
    private void TellLoad()
    {
        if (_model is { } model)
        {
            var load = new ServerLoad(
                _decider.InFlight, _decider.Queued, _decider.CacheEntries, _decider.CacheBytes, _open?.Count ?? 0, _decider.State.Circuit.EffectivePhase);
            _node.Metrics.Load(_server, model.Transport == ServerTransport.Stdio, load);
            TellReplicas();
        }
    }

    private void TellReplicas()
    {
        if (_decider.Replicas is { } replicas)
        {
            for (var i = 0; i < replicas.Count; i++)
            {
                _node.Metrics.Replica(_server, i, replicas.OutstandingAt(i), replicas.PhaseOf(i) == ReplicaPhase.InUse);
            }
        }
    }

    private void TellReplica(ReplicaChange change)
    {
        var address = _model?.UrlOf(change.Endpoint)?.GetLeftPart(UriPartial.Path);
        if (change.Phase == ReplicaPhase.Ejected)
        {
            _node.Metrics.ReplicaEjected(_server, change.Endpoint);
            _log.Warning("Replica {Replica} of {Server} ({Address}) is left out until {Until}: {Reason}", change.Endpoint, _server, address, change.Until, change.Reason);
        }
        else if (change.Phase == ReplicaPhase.InUse)
        {
            _log.Info("Replica {Replica} of {Server} ({Address}) is taken back: {Reason}", change.Endpoint, _server, address, change.Reason);
        }
    }

    private void Perform(ServerEffect effect)
    {
        switch (effect)
        {
            case ServerEffect.Reply reply:
                AnswerLate(reply);
                break;
            case ServerEffect.AnswerCatalogue answer:
                AnswerQuery(answer);
                break;
            case ServerEffect.Connect connect:
                Open(connect);
                break;
            case ServerEffect.CloseConnection close:
                Close(close.Id);
                break;
            case ServerEffect.FetchList fetch:
                CatalogueFetcher.FetchAsync(_node.Pool.Find(fetch.Connection), fetch, _stopped.Token).PipeTo(Self);
                break;
            case ServerEffect.Ping ping:
                UpstreamPing.SendAsync(_node.Pool.Find(ping.Connection), ping, _stopped.Token).PipeTo(Self);
                break;
            case ServerEffect.Record record:
                Record(record.Event);
                break;
            case ServerEffect.CountTransition transition:
                Tell(new CircuitChanged(_server, transition.Change, _decider.State.Circuit));
                break;
            case ServerEffect.TellReplica replica:
                TellReplica(replica.Change);
                break;
            case ServerEffect.AnnounceListChanged announce:
                Context.System.EventStream.Publish(new UpstreamNews(
                    _server, SlotKey.Shared, ListChangedMessage.Of(announce.Kind), new UpstreamNotice(announce.Kind, default)));
                break;
            case ServerEffect.Grant grant:
                Tell(grant.Lease);
                break;
            case ServerEffect.CountHealed healed:
                _node.Metrics.Healed(_server, healed.What);
                break;
            default:
                throw new InvalidOperationException($"Unknown effect {effect.GetType().Name}.");
        }
    }

    private void ScheduleTick(DateTimeOffset now)
    {
        if (_decider.NextTick is not { } next || _tickAt <= next)
        {
            return;
        }

        _tickAt = next;
        var delay = next - now;
        Timers.StartSingleTimer(TickTimer, Tick.Instance, delay > Shortest ? delay : Shortest);
    }

    private void AnswerQuery(ServerEffect.AnswerCatalogue answer)
    {
        if (_queries is { } queries && queries.Remove(answer.Query, out var asker))
        {
            Send(asker, answer.Answer);
        }
    }

    private void Open(ServerEffect.Connect connect)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        (_opening ??= [])[connect.Id] = cancel;
        var inbox = new UpstreamInbox(Self, _server, connect.Slot, Context.System.EventStream);
        var request = new ConnectRequest(_model!, connect.Slot, connect.Profile, connect.RememberedEra, connect.Id, connect.Endpoint);
        _node.Pool.OpenAsync(request, inbox, connect.Timeout, cancel.Token).PipeTo(Self);
    }

    // The result of opening is here, whatever it is.
    private void Arrived(ConnectionId id)
    {
        if (_opening is { } opening && opening.Remove(id, out var cancel))
        {
            cancel.Dispose();
        }
    }

    private void Close(ConnectionId id)
    {
        if (_opening is { } opening && opening.TryGetValue(id, out var cancel))
        {
            cancel.Cancel();
            return;
        }

        if (_open is { } open && open.Remove(id))
        {
            if (_left.TryGetValue(id, out var until))
            {
                _node.Pool.Linger(id, until);
                return;
            }

            _closing++;
            _node.Pool.CloseAsync(id).PipeTo(Self, success: () => ClosingDone.Instance);
        }
    }

    private void OnClosingDone()
    {
        _closing--;
        if (_leaving)
        {
            CloseAndStop();
        }
    }

    private void CloseAndStop()
    {
        var now = Now;
        _left = _decider.BusyConnections();
        _decider.CloseAll("the actor moves", now);
        for (var i = 0; i < _decider.Effects.Count; i++)
        {
            Perform(_decider.Effects[i]);
        }

        _decider.Effects.Clear();
        StoreResults();
        if (_closing == 0 && !_storingResults && !_closed)
        {
            // What is not stored yet would be lost with the recorder.
            _closed = true;
            _recorder.Close();
            if (!_recorder.IsAwake)
            {
                Context.Stop(Self);
            }
        }
    }

    // Whatever the way this actor ends, its connections end with it; those being opened are closed on arrival.
    private void AbandonConnections()
    {
        _stopped.Cancel();
        foreach (var id in _open ?? [])
        {
            _ = _node.Pool.CloseAsync(id);
        }

        foreach (var cancel in _opening?.Values.AsEnumerable() ?? [])
        {
            cancel.Dispose();
        }

        _stopped.Dispose();
    }
}
