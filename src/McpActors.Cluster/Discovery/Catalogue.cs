using Akka.Actor;
using Akka.Hosting;
using McpActors.Core.Discovery;
using McpActors.Core.Routing;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>The catalogue as the rest of the process sees it.</summary>
internal sealed class Catalogue(
    CatalogueHolder holder,
    CatalogueEvents events,
    IRequiredActor<CatalogueAgent> agent,
    IRequiredActor<DiscoveryCoordinator> coordinator) : ICatalogue
{
    private const string NoAnswer = "the coordinator of the catalogue does not answer; try again";

    /// <summary>The offer stands, and is made again until it is answered.</summary>
    private const string StillOffered = "the coordinator of the catalogue does not answer; this file is still offered, and is taken when it does";

    /// <summary>Longer than a recorder's own patience, so that its reason arrives and not a timeout.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan LocalTime = TimeSpan.FromSeconds(5);

    /// <summary>For a file of thousands of servers, which is sent, stored and put in force before the answer. Default 30 s.</summary>
    internal TimeSpan ApplyTime { get; init; } = TimeSpan.FromSeconds(30);

    public RouteTable Current => holder.Table;

    public IReadOnlyList<OverlayEntry> Overlay => holder.Overlay;

    public CatalogueAgreement? Agreement => holder.Agreement;

    public event Action<CatalogueChanged>? Changed
    {
        add => events.Changed += value;
        remove => events.Changed -= value;
    }

    public CatalogueFile File => holder.File;

    public CatalogueFile Own => holder.Own;

    public async Task<ApplyResult> ApplyAsync(CatalogueFile file, bool ordered, CancellationToken ct)
    {
        var before = Current;
        var local = await agent.GetAsync(ct);
        try
        {
            var outcome = await local.Ask<CatalogueAgent.OfferOutcome>(new CatalogueAgent.Offer(file, ordered), ApplyTime, ct);
            return new ApplyResult(CatalogueDiff.Between(before, Current), outcome.Revision, outcome.Reason) { IsNew = outcome.IsNew, IsKept = outcome.IsKept };
        }
        catch (AskTimeoutException)
        {
            return new ApplyResult(CatalogueDiff.Between(before, Current), null, StillOffered);
        }
    }

    public async Task<OverlayResult> PutServerAsync(ServerId server, ReadOnlyMemory<byte> definition, string who, CancellationToken ct)
    {
        var read = holder.Read(server, definition);
        if (read.Model is null)
            return new OverlayResult.Invalid(read.Faults);
        var created = Current.Find(server) is null;
        return await ChangeAsync(new PutEntry(server, definition, who), created, ct);
    }

    public Task<OverlayResult> RemoveServerAsync(ServerId server, string who, CancellationToken ct) =>
        ChangeAsync(new RemoveEntry(server, who, holder.IsBelow(server)), created: false, ct);

    public Task<OverlayResult> RestoreServerAsync(ServerId server, string who, CancellationToken ct) =>
        ChangeAsync(new DropEntry(server, who), created: false, ct);

    private async Task<OverlayResult> ChangeAsync(IDiscoveryCommand command, bool created, CancellationToken ct) => await AskAsync(command, ct) switch
    {
        Stored stored => new OverlayResult.Done(await TakeAsync(stored, ct), created),
        Missing => new OverlayResult.Missing(),
        Refused refused => new OverlayResult.Unavailable(refused.Reason),
        var other => throw Unexpected(other),
    };

    /// <summary>Puts what was stored in force here before the caller hears of it: who adds a server can call it.</summary>
    private async Task<long> TakeAsync(Stored stored, CancellationToken ct)
    {
        if (stored.Change is { } news)
        {
            var local = await agent.GetAsync(ct);
            await local.Ask<CatalogueAgent.Taken>(new CatalogueAgent.TakeNews(news), LocalTime, ct);
        }

        return stored.Revision;
    }

    private async Task<IDiscoveryReply> AskAsync(IDiscoveryCommand command, CancellationToken ct)
    {
        var owner = await coordinator.GetAsync(ct);
        try
        {
            return await owner.Ask<IDiscoveryReply>(command, AnswerTime, ct);
        }
        catch (AskTimeoutException)
        {
            return new Refused(NoAnswer);
        }
    }

    private static InvalidOperationException Unexpected(IDiscoveryReply reply) =>
        new($"{reply.GetType().Name} is no answer to a change of the catalogue.");
}
