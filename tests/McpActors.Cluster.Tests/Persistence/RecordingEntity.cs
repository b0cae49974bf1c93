using Akka.Actor;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;
using static McpActors.Cluster.Persistence.RecorderProtocol;

namespace McpActors.Cluster.Tests.Persistence;

/// <summary>An entity that does nothing but record, held by a test.</summary>
internal sealed class RecordingEntity
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<Recovered> _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _fenced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;

    /// <summary>What the journal held.</summary>
    public Recovered Recovered { get; private set; } = new(null, [], 0);

    /// <summary>Ends when somebody else turned out to write.</summary>
    public Task Fenced => _fenced.Task.WaitAsync(Limit);

    /// <summary>Its recorder.</summary>
    public IActorRef Recorder { get; private set; } = ActorRefs.Nobody;

    /// <summary>Starts one and waits until it is recovered.</summary>
    public static async Task<RecordingEntity> StartAsync(TestNode node, string persistenceId, RecorderSettings? settings = null)
    {
        var entity = new RecordingEntity();
        var health = node.Health;
        node.System.ActorOf(Props.Create(() => new Shell(persistenceId, health, entity, settings)));
        entity.Recovered = await entity._recovered.Task.WaitAsync(Limit);
        return entity;
    }

    /// <summary>Hands events over and does not wait.</summary>
    public void Begin(params object[] events)
    {
        _stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _last;
        _last += events.Length;
        for (var i = 0; i < events.Length; i++)
            Recorder.Tell(new RecorderProtocol.Record(first + i + 1, events[i], Confirm: false));
    }

    /// <summary>Ends when the last event is stored.</summary>
    public Task StoredAsync() => _stored.Task.WaitAsync(Limit);

    /// <summary>Stores events.</summary>
    public Task StoreAsync(params object[] events)
    {
        Begin(events);
        return StoredAsync();
    }

    private sealed class Shell : ReceiveActor
    {
        public Shell(string persistenceId, JournalHealth health, RecordingEntity entity, RecorderSettings? settings)
        {
            entity.Recorder = Context.ActorOf(Cluster.Persistence.Recorder.Props(persistenceId, health, settings), "recorder");
            Receive<Recovered>(recovered => entity._recovered.TrySetResult(recovered));
            Receive<Recorded>(recorded =>
            {
                if (recorded.Id == Volatile.Read(ref entity._last))
                    entity._stored.TrySetResult();
            });
            Receive<SecondWriterFound>(_ => entity._fenced.TrySetResult());
        }
    }
}
