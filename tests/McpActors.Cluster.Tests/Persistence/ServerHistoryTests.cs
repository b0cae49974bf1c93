using Akka.Actor;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Persistence;

public sealed class ServerHistoryTests : IDisposable
{
    private static readonly ServerId Files = new("files");
    private static readonly DateTimeOffset At = new(2026, 11, 22, 19, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task History_is_read_in_pages_and_says_why()
    {
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")));
        var done = new TaskCompletionSource();
        IServerEvent[] events =
        [
            new CircuitChanged(Files, new CircuitEvent.Opened(At, "5 failures in a row", CircuitCause.ConsecutiveFailures, At.AddSeconds(10), false), CircuitState.Initial),
            new CircuitChanged(Files, new CircuitEvent.HalfOpened(At.AddSeconds(10), "", CircuitCause.TimePassed), CircuitState.Initial),
            new CircuitChanged(Files, new CircuitEvent.Closed(At.AddSeconds(11), "3 probes succeeded"), CircuitState.Initial),
            new OperatorActed(Files, At.AddSeconds(20), OperatorActions.Reset, "anna", "checked", null),
        ];
        node.System.ActorOf(Props.Create(() => new Owner(node.Health, events, done)));
        await done.Task.WaitAsync(Soon);
        var history = node.Get<IServerHistory>();

        var all = await history.ReadAsync(Files, 0, 100, Soon);

        all.Select(entry => entry.Kind).ShouldBe(["circuitOpened", "circuitHalfOpened", "circuitClosed", "operatorActed"]);
        all.Select(entry => entry.Sequence).ShouldBe([1, 2, 3, 4]);
        all[0].Text.ShouldBe("The circuit opened: 5 failures in a row");
        all[0].Details["cause"].ShouldBe("consecutiveFailures");
        all[0].At.ShouldBe(At);
        all[3].Details["actor"].ShouldBe("anna");
        (await history.ReadAsync(Files, 2, 1, Soon)).Single().Kind.ShouldBe("circuitClosed");
        (await history.ReadLastAsync(Files, 2, Soon)).Select(entry => entry.Sequence).ShouldBe([3, 4]);
        (await history.ReadAsync(new ServerId("nobody"), 0, 100, Soon)).ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private sealed class Owner : ReceiveActor
    {
        public Owner(JournalHealth health, IServerEvent[] events, TaskCompletionSource done)
        {
            var recorder = Context.ActorOf(Recorder.Props("server-files", health));
            for (var i = 0; i < events.Length; i++)
                recorder.Tell(new RecorderProtocol.Record(i, events[i], Confirm: false));
            Receive<RecorderProtocol.Recovered>(_ => { });
            Receive<RecorderProtocol.Recorded>(recorded =>
            {
                if (recorded.Id == events.Length - 1)
                    done.TrySetResult();
            });
        }
    }
}
