using Akka.Actor;
using Akka.Hosting;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

/// <summary>Asks the server actors: one of this node directly, any other through the shard region. The only place where requests and actors meet.</summary>
internal sealed class ServerCalls(IRequiredActor<ServerRegion> region, LocalServers local, TimeProvider time) : IServerCalls
{
    /// <summary>How much longer than a deadline an answer is waited for: the actor answers at the deadline itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Above every deadline; a carrier's own token ends the wait before.</summary>
    private static readonly TimeSpan LongestRetryWait = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan StatusTime = TimeSpan.FromSeconds(5);

    /// <summary>More than a recorder takes to give up.</summary>
    private static readonly TimeSpan OperatorTime = TimeSpan.FromSeconds(15);

    private readonly CallTimer.Pool _limits = new(time);

    // The region starts with the node, after this object.
    private IActorRef Region => field ??= region.ActorRef;

    public async ValueTask<IServerReply> AdmitAsync(Admit command, CancellationToken ct)
    {
        var remaining = command.Intent.Deadline - time.GetUtcNow();
        if (remaining <= TimeSpan.Zero)
        {
            return new Rejected(command.Call, RejectReason.DeadlinePassed, null, null, "the deadline had passed on arrival");
        }

        var actor = ActorOf(command.Server);
        try
        {
            return await AskAsync(actor, command, remaining + Grace, ct);
        }
        catch (AskTimeoutException)
        {
            Leave(actor, command.Server, command.Call);
            return new Rejected(command.Call, RejectReason.Unavailable, null, null, $"the actor of '{command.Server}' did not answer");
        }
        catch (OperationCanceledException)
        {
            Leave(actor, command.Server, command.Call);
            throw;
        }
    }

    public async ValueTask<IServerReply> AttemptFailedAsync(AttemptFailed command, CancellationToken ct)
    {
        var actor = ActorOf(command.Server);
        try
        {
            return await AskAsync(actor, command, LongestRetryWait, ct);
        }
        catch (AskTimeoutException)
        {
            Leave(actor, command.Server, command.Call);
            return new GaveUp(command.Call, GiveUpReason.Unavailable, null, null, $"the actor of '{command.Server}' did not answer");
        }
        catch (OperationCanceledException)
        {
            Leave(actor, command.Server, command.Call);
            throw;
        }
    }

    public void Complete(Complete command) => ActorOf(command.Server).Tell(command, ActorRefs.NoSender);

    public void Abandon(Abandon command) => ActorOf(command.Server).Tell(command, ActorRefs.NoSender);

    public void ReleaseSlot(ServerId server, SlotKey slot) => Region.Tell(new ReleaseSlot(server, slot), ActorRefs.NoSender);

    public void ReleaseSlots(SlotKey slot)
    {
        foreach (var (server, actor) in local.Serving)
            actor.Tell(new ReleaseSlot(server, slot), ActorRefs.NoSender);
    }

    public async Task<ServerStatus> GetStatusAsync(ServerId server, CancellationToken ct)
    {
        try
        {
            return await Region.Ask<ServerStatus>(new GetStatus(server), StatusTime, ct);
        }
        catch (AskTimeoutException e)
        {
            throw new TimeoutException($"The actor of '{server}' did not answer within {StatusTime.TotalSeconds} s.", e);
        }
    }

    public async Task<CatalogueReply> GetCatalogueAsync(GetCatalogue query, CancellationToken ct)
    {
        var remaining = query.Deadline - time.GetUtcNow();
        try
        {
            return await Region.Ask<CatalogueReply>(query, (remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero) + Grace, ct);
        }
        catch (AskTimeoutException)
        {
            return new CatalogueReply(query.Server, null, Fresh: false, "its actor did not answer");
        }
    }

    public async Task<IServerReply> OperateAsync(IOperatorCommand command, CancellationToken ct)
    {
        try
        {
            return await Region.Ask<IServerReply>(command, OperatorTime, ct);
        }
        catch (AskTimeoutException)
        {
            return new OperatorRefused(command.Server, "its actor did not answer; whether the order is in force is not known");
        }
    }

    private IActorRef ActorOf(ServerId server) => local.TryFind(server, out var actor) ? actor : Region;

    private async ValueTask<IServerReply> AskAsync(IActorRef actor, IServerCommand command, TimeSpan limit, CancellationToken ct)
    {
        if (ReferenceEquals(actor, Region))
            return await Region.Ask<IServerReply>(command, limit, ct);
        using var timer = _limits.Start(limit, ct);
        try
        {
            return await LocalAsk.AskAsync((IInternalActorRef)actor, command, timer.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new AskTimeoutException($"No answer within {limit}.");
        }
    }

    // By the way that the question took, so that it cannot overtake it.
    private static void Leave(IActorRef actor, ServerId server, CallId call) => actor.Tell(new Abandon(server, call), ActorRefs.NoSender);
}
