using Akka.Actor;
using McpActors.Core.Discovery.Sources;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>
/// Keeps what this node knows of the sources in step with the coordinator: follows its events, asks for all when it missed one and every few seconds; and
/// hands each new state to the <see cref="CatalogueAgent"/>, which lays it under the configuration.
/// </summary>
internal sealed class SourcesAgent : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly IActorRef _coordinator;
    private readonly IActorRef _catalogue;
    private readonly SourcesInStep _inStep;
    private readonly List<SourcesItem> _pages = [];
    private readonly List<(long Revision, IActorRef Asker)> _waiting = [];
    private SourcesState? _held;
    private long _inForce = -1;

    public SourcesAgent(IActorRef coordinator, IActorRef catalogue, SourcesInStep inStep)
    {
        (_coordinator, _catalogue, _inStep) = (coordinator, catalogue, inStep);
        Receive<Ask>(_ => AskCoordinator());
        Receive<InStep>(_ => _inStep.Source.TrySetResult());
        Receive<SourcesPage>(OnPage);
        Receive<ISourcesEvent>(OnEvent);
        Receive<CatalogueAgent.SourcesTaken>(OnTaken);
        Receive<CatchUp>(OnCatchUp);
        // Its journal does not answer: the node starts without what was discovered, and asks on.
        Receive<Refused>(_ => _inStep.Source.TrySetResult());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef coordinator, IActorRef catalogue, SourcesInStep inStep) =>
        Akka.Actor.Props.Create(() => new SourcesAgent(coordinator, catalogue, inStep));

    protected override void PreStart()
    {
        AskCoordinator();
        Timers.StartPeriodicTimer("sync", Ask.Instance, Period);
    }

    // A node that has nothing yet asks as revision -1, because 0 is a revision too.
    private void AskCoordinator() => _coordinator.Tell(new Sync(_held?.Revision ?? -1), Self);

    private void OnPage(SourcesPage page)
    {
        if (page.First)
            _pages.Clear();
        _pages.AddRange(page.Items);
        if (!page.Last)
            return;
        Hold(SourcesState.From(page.Revision, _pages));
        _pages.Clear();
    }

    private void OnEvent(ISourcesEvent change)
    {
        if (_held is { } held && change.Revision == held.Revision + 1)
            Hold(held.Evolve(change));
        else if (_held is null || change.Revision > _held.Revision)
            AskCoordinator();
    }

    private void Hold(SourcesState state)
    {
        _held = state;
        _catalogue.Tell(new CatalogueAgent.TakeSources(state), Self);
    }

    private void OnTaken(CatalogueAgent.SourcesTaken taken)
    {
        _inForce = taken.Revision;
        _inStep.Source.TrySetResult();
        foreach (var (_, asker) in _waiting.Where(waiting => waiting.Revision <= _inForce))
            asker.Tell(CaughtUp.Instance);
        _waiting.RemoveAll(waiting => waiting.Revision <= _inForce);
    }

    private void OnCatchUp(CatchUp order)
    {
        if (order.Revision <= _inForce)
        {
            Sender.Tell(CaughtUp.Instance);
            return;
        }

        _waiting.Add((order.Revision, Sender));
        if (_held is null || _held.Revision < order.Revision)
            AskCoordinator();
    }

    /// <summary>From the façade: answer when this revision is in force here. Answer: <see cref="CaughtUp"/>.</summary>
    internal sealed record CatchUp(long Revision) : INoSerializationVerificationNeeded;

    /// <summary>It is.</summary>
    internal sealed record CaughtUp : INoSerializationVerificationNeeded
    {
        public static CaughtUp Instance { get; } = new();
    }

    private sealed record Ask : INoSerializationVerificationNeeded
    {
        public static Ask Instance { get; } = new();
    }
}

/// <summary>Completes when what the sources say is in force here for the first time, or what keeps it from that is known.</summary>
internal sealed class SourcesInStep
{
    public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
