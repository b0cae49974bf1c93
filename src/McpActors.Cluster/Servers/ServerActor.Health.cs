using Akka.Actor;
using McpActors.Cluster.Health;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// What the monitor of health is told: facts on transitions and every few seconds while there is traffic, and the ends of probes.
internal sealed partial class ServerActor
{
    private const string FactsTimer = "facts";

    /// <summary>Traffic is told of so long after it began: one message for however many calls.</summary>
    private static readonly TimeSpan FactsAfter = TimeSpan.FromSeconds(5);

    private Dictionary<ConnectionId, AwaitedProbe>? _probes;
    private (CircuitPhase, CircuitMode, ServerLife)? _toldStanding;
    private ProbeReport? _lastProbe;
    private bool _standingMayDiffer;
    private bool _factsDue;

    private ServerStatus StatusNow(DateTimeOffset now) => _decider.Status(now) with { OwnerNode = _node.Name, LastProbe = _lastProbe };

    private void OnProbe()
    {
        var now = Now;
        Refresh(now);
        if (_probes is { Count: > 0 } probes)
        {
            // Who asks while one is under way hears of that one.
            var (connection, awaited) = probes.First();
            probes[connection] = awaited with { Asker = Sender };
            return;
        }

        if (!_node.Probes.TryEnter())
        {
            AnswerProbe(Sender, new ProbeReport(now, ProbeResult.Skipped, TimeSpan.Zero, "its node has enough probes under way"));
            return;
        }

        var step = _decider.Probe(now);
        if (step.Connection is { } used)
        {
            (_probes ??= [])[used] = new AwaitedProbe(Sender, now);
        }
        else
        {
            _node.Probes.Leave();
            AnswerProbe(Sender, new ProbeReport(now, ProbeResult.Skipped, TimeSpan.Zero, step.Text));
        }

        Finish(now);
    }

    private void OnPinged(UpstreamPing.Pinged message)
    {
        var now = Now;
        var counts = _decider.Pinged(message.Connection, message.Outcome, Random(), now);
        EndProbe(message.Connection, counts ? ServerDecider.ResultOf(message.Outcome) : ProbeResult.Skipped, message.Outcome.Latency, message.Text);
        Finish(now);
    }

    // The opening of a connection is over, which may have been a probe.
    private void EndOpening(ConnectionId id, AttemptOutcome? failure, string? text)
    {
        _standingMayDiffer = true;
        if (_probes is { } probes && probes.TryGetValue(id, out var awaited))
        {
            EndProbe(id, failure is { } outcome ? ServerDecider.ResultOf(outcome) : ProbeResult.Answered, Now - awaited.Since, text);
        }
    }

    private void EndProbe(ConnectionId connection, ProbeResult result, TimeSpan latency, string? text)
    {
        if (_probes is not { } probes || !probes.Remove(connection, out var awaited))
        {
            return;
        }

        _node.Probes.Leave();
        var report = new ProbeReport(Now, result, latency, HealthText.Cut(text));
        _lastProbe = result == ProbeResult.Skipped ? _lastProbe : report;
        AnswerProbe(awaited.Asker, report);
    }

    private void AnswerProbe(IActorRef asker, ProbeReport report)
    {
        _toldStanding = _decider.Standing;
        asker.Tell(new ServerProbed(_server, report.Result, report.Latency, report.Text, _decider.TakeFacts(report.At)));
    }

    private void Watch(ServerEffect effect) =>
        _standingMayDiffer |= effect is ServerEffect.Connect or ServerEffect.CloseConnection or ServerEffect.Record { Event: CircuitChanged } or ServerEffect.CountTransition;

    // On the way of every call: two comparisons, unless there is something to tell.
    private void TellHealth(DateTimeOffset now)
    {
        if (_standingMayDiffer)
        {
            _standingMayDiffer = false;
            if (_decider.Standing != _toldStanding)
            {
                TellFacts(now);
                return;
            }
        }

        if (!_factsDue && _decider.HasNewTraffic)
        {
            _factsDue = true;
            Timers.StartSingleTimer(FactsTimer, FactsDue.Instance, FactsAfter);
        }
    }

    private void OnFactsDue()
    {
        _factsDue = false;
        if (_decider.HasNewTraffic)
        {
            TellFacts(Now);
        }
    }

    private void TellFacts(DateTimeOffset now)
    {
        _toldStanding = _decider.Standing;
        Context.System.EventStream.Publish(new FactsKnown(_decider.TakeFacts(now)));
    }

    private void AbandonProbes()
    {
        for (var left = _probes?.Count ?? 0; left > 0; left--)
        {
            _node.Probes.Leave();
        }

        _probes = null;
        Context.System.EventStream.Publish(new FactsGone(_server));
    }

    private sealed record FactsDue : INoSerializationVerificationNeeded
    {
        public static FactsDue Instance { get; } = new();
    }

    /// <summary>A probe under way.</summary>
    private sealed record AwaitedProbe(IActorRef Asker, DateTimeOffset Since);
}
