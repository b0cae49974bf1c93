using Akka.Actor;
using Akka.Event;
using McpActors.Core.Discovery;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>Offers this node's file to the cluster, at the start and whenever it changes, until the coordinator has answered.</summary>
internal sealed partial class CatalogueAgent
{
    private const string OfferTimer = "offer";

    /// <summary>Between offers that nobody answers.</summary>
    private static readonly TimeSpan OfferAgain = TimeSpan.FromSeconds(4);

    private readonly List<IActorRef> _offerers = [];
    private ApplyFile? _offer;
    private FileKept? _kept;
    private bool _refused;
    private OfferOutcome? _outcome;

    private void ReceiveOffers()
    {
        Receive<Offer>(OnOffer);
        Receive<OfferDue>(_ => SendOffer());
        Receive<GetContent>(asked => Sender.Tell(DiscoveryDecider.Part(asked, asked.Hash == _holder.Own.Hash ? _holder.Own.Content : null)));
        Receive<Stored>(OnStored);
        Receive<FileKept>(OnKept);
        Receive<Refused>(OnOfferRefused, refused => refused.Offer.Length > 0);
    }

    private void OnOffer(Offer offer)
    {
        var isSame = _offer is { } waiting && waiting.Hash == offer.File.Hash && waiting.Ordered == offer.Ordered;
        if (!isSame)
            Tell(new OfferOutcome(null, Reason: "a newer version of the file took its place"));
        Publish(_holder.TakeOwn(offer.File));
        _offer = OfferOf(offer.File, offer.Ordered);
        _refused = false;
        _outcome = null;
        _offerers.Add(Sender);
        SendOffer();
    }

    private void SendOffer()
    {
        if (_offer is null || !_inStep)
            return;
        _coordinator.Tell(_offer, Self);
        Timers.StartSingleTimer(OfferTimer, OfferDue.Instance, _refused ? Calmly : OfferAgain);
    }

    private void OnStored(Stored stored)
    {
        if (stored.Offer == _offer?.Hash)
            Settle(new OfferOutcome(stored.Revision, stored.Change is not null));
        if (stored.Change is { } news)
            OnNews(news);
        else
            Follow();
    }

    private void OnKept(FileKept kept)
    {
        if (kept.Offer != _offer?.Hash)
            return;
        if (_kept != kept)
            _log.Warning("This node's file differs from revision {Revision} of the cluster, which stays in force: the node brought it before, or the cluster had it before. 'mcpactors config reload' makes it count",
                kept.Revision);
        _kept = kept;
        Settle(new OfferOutcome(kept.Revision, IsKept: true));
        // Read anew although it is in force: what it refers to, and the node keys, may have changed with the own file.
        if (kept.Hash == _holder.Agreement?.Hash)
            Collect(kept.Hash);
        Follow();
    }

    private void OnOfferRefused(Refused refused)
    {
        if (refused.Offer != _offer?.Hash)
            return;
        if (!_refused)
            _log.Warning("This node's file does not become a revision now, and is offered again: {Reason}", refused.Reason);
        _refused = true;
        // What an operator ordered and was refused does not happen by itself later; a changed file is offered on.
        _offer = _offer with { Ordered = false };
        Timers.StartSingleTimer(OfferTimer, OfferDue.Instance, Calmly);
        Tell(new OfferOutcome(null, Reason: refused.Reason));
        Follow();
    }

    private void Settle(OfferOutcome outcome)
    {
        _offer = null;
        _refused = false;
        _outcome = outcome;
        Timers.Cancel(OfferTimer);
    }

    /// <summary>Answers who offered, once what came of it is in force here.</summary>
    private void TellOutcome()
    {
        if (_outcome is not { } outcome || (_holder.Agreement?.Revision ?? -1) < outcome.Revision || !IsFollowing)
            return;
        _outcome = null;
        Tell(outcome);
    }

    private void Tell(OfferOutcome outcome)
    {
        foreach (var offerer in _offerers)
            offerer.Tell(outcome);
        _offerers.Clear();
    }

    private ApplyFile OfferOf(CatalogueFile file, bool ordered) => new(file.Hash) { Node = _node.Name, Size = file.Content.Length, Ordered = ordered };

    /// <summary>From the façade: this is the node's file now. Answer: <see cref="OfferOutcome"/>, when it is in force or known not to be.</summary>
    internal sealed record Offer(CatalogueFile File, bool Ordered) : INoSerializationVerificationNeeded;

    /// <summary>What became of an offer.</summary>
    /// <param name="Revision">The cluster's revision; null when the coordinator refused.</param>
    /// <param name="IsNew">Whether the file made it.</param>
    /// <param name="IsKept">Whether another file stays in force.</param>
    /// <param name="Reason">Why it was refused.</param>
    internal sealed record OfferOutcome(long? Revision, bool IsNew = false, bool IsKept = false, string? Reason = null) : INoSerializationVerificationNeeded;

    private sealed record OfferDue : INoSerializationVerificationNeeded
    {
        public static OfferDue Instance { get; } = new();
    }
}
