using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Discovery.Sources;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>
/// The one authority over what sources beside the configuration say, and over approvals. It asks the registries and takes the reports of the nodes' engines.
/// </summary>
internal sealed partial class SourcesCoordinator : Authority<ISourcesCommand, ISourcesEvent, SourcesState>
{
    private readonly SourcesNode _node;

    public SourcesCoordinator(JournalHealth health, RecorderSettings recorder, SourcesNode node)
        : base("sources", SourcesState.Initial, health, recorder)
    {
        _node = node;
        Receive<Note>(note => OnNote(note.Status));
        Receive<GetStatus>(_ => Sender.Tell(new Statuses([.. _statuses.Values.Select(static told => told.Status)])));
        Receive<ISourcesCommand>(OnCommand);
        Receive<ISourcesReply>(_ => { });
        Receive<LookDue>(_ => Look());
    }

    protected override int MostWaiting => 5_000;

    public static Props Props(JournalHealth health, RecorderSettings recorder, SourcesNode node) =>
        Akka.Actor.Props.Create(() => new SourcesCoordinator(health, recorder, node));

    protected override (ISourcesEvent? Change, IReadOnlyList<object> Reply) Decide(ISourcesCommand order, IActorRef sender)
    {
        var decision = SourcesDecider.Decide(State, order, _node.Time.GetUtcNow());
        return (decision.Event, decision.Reply);
    }

    protected override object Refusal(ISourcesCommand order, string reason) => new Refused(reason);

    protected override SourcesState Evolve(SourcesState state, ISourcesEvent change) => state.Evolve(change);

    protected override object NewsOf(ISourcesEvent change) => change;

    protected override void OnLoaded()
    {
        Log.Info("{Count} sources are known from the journal", State.Sources.Count);
        BeginLooking();
    }

    protected override void OnChanged(ISourcesEvent change)
    {
        switch (change)
        {
            case SourceChanged changed:
                Log.Info("{Source} has {Put} new or changed servers and {Dropped} fewer", changed.Source, changed.Put.Count, changed.Dropped.Count);
                break;
            case SourceForgotten forgotten:
                Log.Info("{Source} is no source any more; its servers are gone", forgotten.Source);
                break;
            case Judged { Judgement: var judgement }:
                Log.Info("Server {Server} of {Source}, definition {Hash}, was {Verdict} by {Who}: {Why}",
                    judgement.Server.Id, judgement.Source, judgement.Hash, judgement.IsApproved ? "approved" : "rejected", judgement.Who, judgement.Why);
                break;
        }
    }

    private void OnCommand(ISourcesCommand command)
    {
        if (command is Sync)
            Follow();
        Take(command);
    }

    private sealed record LookDue : INoSerializationVerificationNeeded
    {
        public static LookDue Instance { get; } = new();
    }
}
