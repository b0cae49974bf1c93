using Akka.Actor;
using McpActors.Cluster.Persistence;

namespace McpActors.Cluster.Lifecycle;

/// <summary>A node began its life. Kept under the id of that life, so that nodes on one store never write into each other's history.</summary>
/// <param name="Address">Where it can be reached.</param>
/// <param name="Version">Version of the product.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="At">When.</param>
internal sealed record NodeStarted(string Address, string Version, IReadOnlyList<string> Roles, DateTimeOffset At);

/// <summary>Notes the start of the node in the journal: a history of starts, and proof that the journal takes what it is given.</summary>
internal sealed class NodeLog : ReceiveActor
{
    private IActorRef _asker = ActorRefs.Nobody;

    public NodeLog(string incarnation, JournalHealth health, RecorderSettings settings)
    {
        var recorder = Context.ActorOf(Recorder.Props($"node-{incarnation}", health, settings), "recorder");
        Receive<NodeStarted>(started =>
        {
            _asker = Sender;
            recorder.Tell(new RecorderProtocol.Record(1, started, Confirm: false));
        });
        Receive<RecorderProtocol.Recovered>(_ => { });
        Receive<RecorderProtocol.Recorded>(_ =>
        {
            _asker.Tell(new Status.Success(null));
            Context.Stop(Self);
        });
    }

    public static Props Props(string incarnation, JournalHealth health, RecorderSettings settings) =>
        Akka.Actor.Props.Create(() => new NodeLog(incarnation, health, settings));
}
