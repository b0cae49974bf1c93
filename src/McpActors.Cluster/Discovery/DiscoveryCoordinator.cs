using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Discovery;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>The one authority over the catalogue of the cluster.</summary>
internal sealed class DiscoveryCoordinator : Authority<DiscoveryCoordinator.Order, IDiscoveryEvent, DiscoveryState>
{
    private readonly TimeProvider _time;
    private readonly Dictionary<IActorRef, (ApplyFile Offer, ContentCollector Collector)> _collecting = [];

    public DiscoveryCoordinator(JournalHealth health, RecorderSettings recorder, TimeProvider time)
        : base("discovery", DiscoveryState.Initial, health, recorder)
    {
        _time = time;
        Receive<IDiscoveryCommand>(OnCommand);
        Receive<ContentPart>(OnContentPart);
    }

    public static Props Props(JournalHealth health, RecorderSettings recorder, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new DiscoveryCoordinator(health, recorder, time));

    protected override (IDiscoveryEvent? Change, IReadOnlyList<object> Reply) Decide(Order order, IActorRef sender)
    {
        var decision = DiscoveryDecider.Decide(State, order.Command, _time.GetUtcNow(), order.Content);
        if (order.Command is ApplyFile offer && decision.Reply is [GetContent])
            _collecting[sender] = (offer, new ContentCollector(offer.Hash, offer.Size));
        return (decision.Event, decision.Reply);
    }

    protected override object Refusal(Order order, string reason) => Refused.Of(order.Command, reason);

    protected override DiscoveryState Evolve(DiscoveryState state, IDiscoveryEvent change) => state.Evolve(change);

    protected override object? NewsOf(IDiscoveryEvent change) => CatalogueNews.Of(State, change);

    protected override void OnLoaded() =>
        Log.Info("The catalogue is at revision {Revision} with {Count} run-time entries", State.Revision, State.Entries.Count);

    protected override void OnLost(IActorRef node) => _collecting.Remove(node);

    private void OnCommand(IDiscoveryCommand command)
    {
        if (command is Sync)
            Follow();
        Take(new Order(command, null));
    }

    /// <summary>A node sends what it offers part by part, so that no message is large; the last one makes the offer complete.</summary>
    private void OnContentPart(ContentPart part)
    {
        if (!_collecting.TryGetValue(Sender, out var collecting) || part.Hash != collecting.Offer.Hash)
            return;
        switch (collecting.Collector.Add(part))
        {
            case GetContent next:
                Sender.Tell(next);
                break;
            case null when collecting.Collector.Content is { } content:
                _collecting.Remove(Sender);
                Take(new Order(collecting.Offer, content));
                break;
        }
    }

    /// <summary>A command, and the content that was collected for it.</summary>
    internal sealed record Order(IDiscoveryCommand Command, ReadOnlyMemory<byte>? Content);
}
