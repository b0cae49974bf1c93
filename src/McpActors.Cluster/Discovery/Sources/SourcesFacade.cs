using Akka.Actor;
using Akka.Hosting;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Routing;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>The sources as the rest of the process sees them.</summary>
internal sealed class SourcesFacade(CatalogueHolder holder, IRequiredActor<SourcesCoordinator> coordinator, IRequiredActor<SourcesAgent> agent) : ISources
{
    /// <summary>Longer than a recorder's own patience, so that its reason arrives and not a timeout.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan LocalTime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StatusTime = TimeSpan.FromSeconds(3);

    public SourcesState State => holder.Sources;

    public IReadOnlyList<CatalogueClaim> Claims => holder.Claims;

    public (ServerSource Kind, int Listed) RankOf(SourceName source) => CatalogueMerge.RankOf(source, holder.Discovery);

    public async Task<IReadOnlyList<SourceStatus>?> GetStatusAsync(CancellationToken ct)
    {
        try
        {
            return (await (await coordinator.GetAsync(ct)).Ask<Statuses>(new GetStatus(), StatusTime, ct)).All;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    public async Task<JudgeResult> JudgeAsync(Judge order, CancellationToken ct)
    {
        try
        {
            switch (await (await coordinator.GetAsync(ct)).Ask<ISourcesReply>(order, AnswerTime, ct))
            {
                case Stored stored:
                    await (await agent.GetAsync(ct)).Ask<SourcesAgent.CaughtUp>(new SourcesAgent.CatchUp(stored.Revision), LocalTime, ct);
                    return new JudgeResult.Done();
                case Missing:
                    return new JudgeResult.Missing();
                case Refused refused:
                    return new JudgeResult.Refused(refused.Reason);
                case var other:
                    throw new InvalidOperationException($"{other.GetType().Name} is no answer to an approval.");
            }
        }
        catch (AskTimeoutException)
        {
            return new JudgeResult.Refused("the coordinator of the sources does not answer; whether it is done shows the list of approvals");
        }
    }
}
