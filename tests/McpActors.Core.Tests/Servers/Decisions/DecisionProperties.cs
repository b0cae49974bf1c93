using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

/// <summary>Random scripts of callers, carriers, connections, operators, definitions and time; after each step the invariants hold.</summary>
public sealed class DecisionProperties
{
    private const int Permits = 3;

    private static readonly AttemptResult[] Failures = Enum.GetValues<AttemptResult>();

    [Property(MaxTest = 300)]
    public Property Invariants_hold_over_any_script() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue - 1).ArrayOf(120).ToArbitrary(),
        script =>
        {
            var shape = script.Length > 0 ? script[0] % 4 : 0;
            var play = new Play(process: shape == 0, replicas: shape == 0 ? 1 : shape);
            foreach (var step in script)
            {
                play.Step(step);
                play.Check();
            }

            play.Finish();
            return true;
        });

    /// <summary>One run of a script.</summary>
    private sealed class Play
    {
        private readonly DeciderDriver _driver;
        private readonly Dictionary<CallId, DateTimeOffset> _deadlines = [];
        private readonly HashSet<CallId> _running = [];
        private readonly HashSet<CallId> _waiting = [];
        private readonly HashSet<ConnectionId> _opening = [];
        private readonly HashSet<ConnectionId> _live = [];
        private ServerSettings _settings;
        private long _lastOutdated;
        private bool _restarted;
        private int _seenReplies;
        private int _seenConnects;
        private int _seenClosed;
        private int _seenFetches;

        internal Play(bool process, int replicas)
        {
            _settings = new ServerSettings
            {
                Server = DeciderDriver.Server,
                IsProcess = process,
                Concurrency = new BulkheadOptions { Max = Permits, Queue = 4 },
                IdleStop = TimeSpan.FromMinutes(1),
                Replicas = [.. Enumerable.Range(0, replicas).Select(i => new ReplicaSettings($"http://{i}/", i + 1))],
            };
            _driver = new DeciderDriver(_settings);
        }

        internal void Step(int step)
        {
            var choice = step / 7 % 100;
            switch (step % 12)
            {
                case 0 or 1 or 2:
                    Admit(choice);
                    break;
                case 3 when _running.Count > 0:
                    var done = Pick(_running, choice);
                    _running.Remove(done);
                    var fill = choice % 2 == 0 ? new CacheFill("{}"u8.ToArray(), TimeSpan.FromSeconds(choice), CacheScope.Private, ProtocolRevision.V20251125) : null;
                    _driver.Complete(done, Failures[choice % Failures.Length], fill);
                    break;
                case 4 or 5 when _running.Count > 0:
                    var failed = Pick(_running, choice);
                    _running.Remove(failed);
                    _waiting.Add(failed);
                    _driver.Random = choice / 100.0;
                    _driver.Fail(failed, Failures[choice % Failures.Length], sent: choice % 3 == 0);
                    break;
                case 6 when _waiting.Count + _running.Count > 0:
                    var leaver = Pick([.. _waiting, .. _running], choice);
                    _waiting.Remove(leaver);
                    _running.Remove(leaver);
                    _driver.Abandon(leaver);
                    break;
                case 7 or 8 when _opening.Count > 0:
                    EndConnect(Pick(_opening, choice), choice);
                    break;
                case 9 when _live.Count > 0:
                    _driver.Lose(Pick(_live, choice));
                    break;
                case 10:
                    Control(choice);
                    break;
                default:
                    _driver.Pass(TimeSpan.FromMilliseconds(choice * choice * 5));
                    break;
            }

            Observe();
        }

        internal void Check()
        {
            _driver.Decider.InFlight.ShouldBeLessThanOrEqualTo(Permits);
            (_running.Count + _waiting.Count).ShouldBeGreaterThanOrEqualTo(_driver.Decider.InFlight);
            foreach (var (call, deadline) in _deadlines.Where(call => _waiting.Contains(call.Key)))
            {
                (deadline + TimeSpan.FromMilliseconds(1)).ShouldBeGreaterThan(_driver.Now, $"{call} waits beyond its deadline");
            }

            if (_driver.Decider.Replicas is { } replicas)
            {
                replicas.Ejected.ShouldBeLessThanOrEqualTo(replicas.Count / 2);
                var outstanding = Enumerable.Range(0, replicas.Count).Sum(replicas.OutstandingAt);
                outstanding.ShouldBeGreaterThanOrEqualTo(_restarted ? 0 : _running.Count(_driver.Decider.Knows));
                outstanding.ShouldBeLessThanOrEqualTo(_running.Count + _waiting.Count);
            }

            Fold(_driver.Events).ShouldBe(Shown(_driver.Decider.State));
        }

        internal void Finish()
        {
            _driver.Pass(TimeSpan.FromMinutes(3));
            Observe();
            _waiting.ShouldBeEmpty("every waiter is answered by its deadline");
            _driver.Decider.InFlight.ShouldBe(0, "a lost carrier's permit comes back");
            _driver.Decider.Status(_driver.Now).Replicas.Sum(replica => replica.Outstanding).ShouldBe(0, "what ended is outstanding nowhere");
        }

        private void Admit(int choice)
        {
            var slot = choice % 4 == 0 ? SlotKey.ForPrincipal("p" + (choice % 3)) : SlotKey.Shared;
            var method = choice % 2 == 0 ? McpMethod.ToolsCall : McpMethod.ResourcesRead;
            var intent = _driver.Intent(method, "t", slot, choice % 5 == 0 ? "k" + (choice % 2) : null, TimeSpan.FromSeconds(1 + (choice % 30)));
            var open = _driver.Decider.State.Circuit is { Mode: CircuitMode.Auto, Phase: CircuitPhase.Open } circuit && circuit.Until > _driver.Now;
            var (call, reply) = _driver.Admit(intent);
            _deadlines[call] = intent.Deadline;
            _waiting.Add(call);
            if (open)
            {
                (reply is Rejected or CacheHit || (reply is null && intent.Key is not null)).ShouldBeTrue($"an open circuit admits nothing, but answered {reply}");
            }
        }

        private void EndConnect(ConnectionId id, int choice)
        {
            _opening.Remove(id);
            if (choice % 4 == 0)
            {
                _driver.Decider.ConnectFailed(id, DeciderDriver.Outcome(AttemptResult.ConnectFailed, sent: false), new UpstreamFault("refused"), 0.5, _driver.Now);
                _driver.Pass(TimeSpan.Zero);
                _driver.Flush();
            }
            else
            {
                _live.Add(id);
                _driver.Connect(id: id);
            }
        }

        private void Control(int choice)
        {
            switch (choice % 8)
            {
                case 0:
                    _driver.Order(new SetCircuitMode(DeciderDriver.Server, (OperatorCircuitMode)(choice % 3), "because", TimeSpan.FromSeconds(20), "op"));
                    break;
                case 1:
                    _driver.Order(new ResetCircuit(DeciderDriver.Server, "op"));
                    break;
                case 2:
                    // From here on replicas count anew.
                    _restarted = true;
                    _driver.Order(new Restart(DeciderDriver.Server, "op"));
                    break;
                case 3:
                    Define(_settings with { Enabled = !_settings.Enabled });
                    break;
                case 4:
                    Define(_settings with { ConnectionFingerprint = $"{choice}" });
                    break;
                case 5 when choice > 90:
                    // Rare, because nothing new comes after it.
                    _driver.Decider.Drain(_driver.Now);
                    _driver.Flush();
                    break;
                default:
                    _driver.Order(new SetCircuitMode(DeciderDriver.Server, OperatorCircuitMode.Auto, null, null, "op"));
                    break;
            }
        }

        private void Define(ServerSettings settings)
        {
            _lastOutdated = settings == _settings || _driver.Connects.Count == 0 ? _lastOutdated : _driver.Connects[^1].Id.Value;
            _settings = settings;
            _driver.Reconfigure(settings);
        }

        // Follows what came out, and checks that nobody is answered twice and no slot is opened twice.
        private void Observe()
        {
            foreach (var (call, reply) in _driver.Replies.Skip(_seenReplies))
            {
                _waiting.Remove(call).ShouldBeTrue($"{call} was answered without waiting: {reply}");
                if (reply is Admitted admitted)
                {
                    _live.ShouldContain(admitted.Connection);
                    admitted.Connection.Value.ShouldBeGreaterThan(_lastOutdated, "a connection by another definition serves nobody new");
                    _running.Add(call);
                    NotAtOneLeftOut(admitted);
                }
            }

            foreach (var id in _driver.Closed.Skip(_seenClosed))
            {
                _live.Remove(id);
            }

            foreach (var connect in _driver.Connects.Skip(_seenConnects))
            {
                _opening.Add(connect.Id).ShouldBeTrue();
                _settings.Enabled.ShouldBeTrue("nothing is opened for a disabled server");
            }

            _seenReplies = _driver.Replies.Count;
            _seenClosed = _driver.Closed.Count;
            _seenConnects = _driver.Connects.Count;
            _seenFetches = _driver.Fetches.Count;
            _seenFetches.ShouldBe(0, "the server has no lists");
            var slots = _driver.Connects.Where(connect => _opening.Contains(connect.Id) && !_driver.Closed.Contains(connect.Id)).GroupBy(connect => (connect.Slot, connect.Slot == SlotKey.Shared ? connect.Endpoint : 0));
            slots.ShouldAllBe(slot => slot.Count() == 1, "never two connects for one slot");
        }

        // Who is free to go anywhere does not go to a replica that is left out.
        private void NotAtOneLeftOut(Admitted admitted)
        {
            var connect = _driver.Connects.Single(connect => connect.Id == admitted.Connection);
            if (_driver.Decider.Replicas is { } replicas && connect.Slot == SlotKey.Shared)
            {
                replicas.PhaseOf(connect.Endpoint).ShouldNotBe(ReplicaPhase.Ejected);
            }
        }

        private static CallId Pick(IEnumerable<CallId> from, int choice) => from.OrderBy(id => id.Value).ElementAt(choice % from.Count());

        private static ConnectionId Pick(IEnumerable<ConnectionId> from, int choice) => from.OrderBy(id => id.Value).ElementAt(choice % from.Count());

        private static string Fold(IEnumerable<IServerEvent> events) =>
            Shown(events.Aggregate(ServerState.Initial, (state, change) => state.Evolve(change)));

        private static string Shown(ServerState state) => $"{state.Circuit with { Recovered = true }} {state.Peer?.Revision} {state.Lists.Count}";
    }
}
