using Akka.Actor;
using Akka.Hosting;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Servers.Bundles;
using McpActors.Cluster.Servers.Leases;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

/// <summary>The ways to decisions about servers.</summary>
/// <param name="Local">Actors of this node.</param>
/// <param name="Leases">What this node decides by itself about servers of others.</param>
/// <param name="Talks">What it asks the actors of others about calls, and tells them.</param>
internal sealed record ServerWays(LocalServers Local, NodeLeases Leases, ServerTalks Talks);

/// <summary>
/// Asks the server actors: one of this node directly, any other through the shard region, about calls together with others. The only place where requests and actors meet.
/// </summary>
internal sealed class ServerCalls(IRequiredActor<ServerRegion> region, ServerWays ways, INodes nodes, Parcels parcels, TimeProvider time) : IServerCalls
{
    /// <summary>What of a question for admission has no bound of its own: the name of its target, and what its client said of itself.</summary>
    private const int MostInQuestion = 32 * 1024;

    /// <summary>How much longer than a deadline an answer is waited for: the actor answers at the deadline itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Above every deadline; a carrier's own token ends the wait before.</summary>
    private static readonly TimeSpan LongestRetryWait = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan StatusTime = TimeSpan.FromSeconds(5);

    /// <summary>More than a recorder takes to give up.</summary>
    private static readonly TimeSpan OperatorTime = TimeSpan.FromSeconds(15);

    /// <summary>Between questions to an actor that moves.</summary>
    private static readonly TimeSpan MoveTime = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How often a node that is alone asks again. Its actor can be on its way to rest, and starts anew in a moment; but when the node itself
    /// ends, no other takes over, and the caller is to hear so at once.
    /// </summary>
    private const int MostTurnsAlone = 5;

    private readonly CallTimer.Pool _limits = new(time);
    private readonly QuestionsAnew _anew = new(nodes, time);

    // The region starts with the node, after this object.
    private IActorRef Region => field ??= region.ActorRef;

    private CallIds Ids => field ??= new CallIds(nodes.Self);

    public CallId NextCall() => Ids.Take();

    public ValueTask<IServerReply> AdmitAsync(Admit command, CancellationToken ct)
    {
        if (nodes.Alone && !ways.Leases.Any)
        {
            return AskAdmissionAsync(command, ct);
        }

        if (IsTooLarge(command))
        {
            return ValueTask.FromResult<IServerReply>(new Rejected(
                command.Call, RejectReason.Unavailable, null, null, $"the name of what is called is too long for a cluster: at most {MostInQuestion} bytes"));
        }

        // A key asks the owner, who has the cache; so does everybody on the owner's own node.
        return command.Intent.Key is not null || ways.Local.TryFind(command.Server, out _) || ways.Leases.For(command.Server) is not { } lease
            ? AskAdmissionAsync(command, ct)
            : AdmitUnderLeaseAsync(lease, command, ct);
    }

    private async ValueTask<IServerReply> AdmitUnderLeaseAsync(ServerLease lease, Admit command, CancellationToken ct)
    {
        if (await lease.AdmitAsync(command, ct) is { } decided)
        {
            return decided;
        }

        var reply = await AskAdmissionAsync(command, ct);
        if (reply is Admitted { Lease: not null } admitted)
        {
            lease.Learn(command, admitted);
        }

        return reply;
    }

    private async ValueTask<IServerReply> AskAdmissionAsync(Admit command, CancellationToken ct)
    {
        for (var turn = 1; ; turn++)
        {
            var remaining = command.Intent.Deadline - time.GetUtcNow();
            if (remaining <= TimeSpan.Zero)
            {
                return new Rejected(command.Call, RejectReason.DeadlinePassed, null, null, "the deadline had passed on arrival");
            }

            var way = WayTo(command.Server);
            try
            {
                var reply = await AskAsync(way, command, command.Call, remaining + Grace, ct);
                if (reply is not Rejected { Reason: RejectReason.Draining } || (nodes.Alone && turn > MostTurnsAlone))
                {
                    return reply;
                }

                // Its actor moves or goes to rest: nothing was sent, and it goes on elsewhere or anew.
                await Task.Delay(MoveTime, time, ct);
            }
            catch (AskTimeoutException)
            {
                Tell(way, new Abandon(command.Server, command.Call));
                return new Rejected(command.Call, RejectReason.Unavailable, null, null, $"the actor of '{command.Server}' did not answer");
            }
            catch (ParcelLostException lost)
            {
                return new Rejected(command.Call, RejectReason.Unavailable, null, TimeSpan.FromSeconds(1), $"the cached result of '{command.Server}' was not to be had: {lost.Message}");
            }
            catch (OperationCanceledException)
            {
                Tell(way, new Abandon(command.Server, command.Call));
                throw;
            }
        }
    }

    public ValueTask<IServerReply> AttemptFailedAsync(AttemptFailed command, CancellationToken ct) =>
        ways.Leases.Any && ways.Leases.Find(command.Server) is { } lease ? FailUnderLeaseAsync(lease, command, ct) : AskNextAttemptAsync(command, ct);

    private async ValueTask<IServerReply> FailUnderLeaseAsync(ServerLease lease, AttemptFailed command, CancellationToken ct) =>
        await lease.AttemptFailedAsync(command, ct) ?? await AskNextAttemptAsync(command, ct);

    private async ValueTask<IServerReply> AskNextAttemptAsync(AttemptFailed command, CancellationToken ct)
    {
        // Who owns the server now does not know the call.
        var way = nodes.IsGone(command.Connection.Node) ? null : WayTo(command.Server);
        try
        {
            return way is null ? await AskOwnerAsync(command, LongestRetryWait, ct) : await AskAsync(way, command, command.Call, LongestRetryWait, ct);
        }
        catch (AskTimeoutException)
        {
            Tell(way, new Abandon(command.Server, command.Call));
            return new GaveUp(command.Call, GiveUpReason.Unavailable, null, null, $"the actor of '{command.Server}' did not answer");
        }
        catch (ParcelLostException lost)
        {
            return new GaveUp(command.Call, GiveUpReason.Unavailable, null, null, $"the cached result of '{command.Server}' was not to be had: {lost.Message}");
        }
        catch (OperationCanceledException)
        {
            Tell(way, new Abandon(command.Server, command.Call));
            throw;
        }
    }

    public void Complete(Complete command)
    {
        if (!ways.Leases.Any || ways.Leases.Find(command.Server)?.Complete(command) is not true)
        {
            Tell(WayBack(command.Server), command.Connection.Node == nodes.Self ? command : Beside.Fit(command, parcels));
        }
    }

    public void Abandon(Abandon command)
    {
        if (!ways.Leases.Any || ways.Leases.Find(command.Server)?.Abandon(command.Call) is not true)
        {
            Tell(WayBack(command.Server), command);
        }
    }

    public void ReleaseSlot(ServerId server, SlotKey slot) => Region.Tell(new ReleaseSlot(server, slot), ActorRefs.NoSender);

    public void ReleaseSlots(SlotKey slot)
    {
        foreach (var (server, actor) in ways.Local.Serving)
            actor.Tell(new ReleaseSlot(server, slot), ActorRefs.NoSender);
    }

    public async Task<ServerStatus> GetStatusAsync(ServerId server, CancellationToken ct)
    {
        try
        {
            return (ServerStatus)await AskRegionAsync(new GetStatus(server), StatusTime, ct);
        }
        catch (Exception e) when (e is AskTimeoutException or ParcelLostException)
        {
            throw new TimeoutException($"The actor of '{server}' did not answer within {StatusTime.TotalSeconds} s.", e);
        }
    }

    public async Task<CatalogueReply> GetCatalogueAsync(GetCatalogue query, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var remaining = query.Deadline - now;
        try
        {
            return (CatalogueReply)await AskRegionAsync(query.Leaving(now), (remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero) + Grace, ct);
        }
        catch (Exception e) when (e is AskTimeoutException or ParcelLostException)
        {
            return new CatalogueReply(query.Server, null, Fresh: false, "its actor did not answer");
        }
    }

    public async Task<IServerReply> OperateAsync(IOperatorCommand command, CancellationToken ct)
    {
        try
        {
            // Never asked anew: an order is carried out once.
            return await OpenAsync(await Region.Ask<IServerReply>(command, OperatorTime, ct), ct);
        }
        catch (Exception e) when (e is AskTimeoutException or ParcelLostException)
        {
            return new OperatorRefused(command.Server, "its actor did not answer; whether the order is in force is not known");
        }
    }

    // The actor of this node; the region on a node alone; null: in talk with the actor of another node.
    private IActorRef? WayTo(ServerId server) => ways.Local.TryFind(server, out var actor) ? actor : nodes.Alone ? Region : null;

    // An actor that moves waits for the ends of its calls, and the region keeps them for its successor, who knows nothing of them.
    private IActorRef? WayBack(ServerId server) => ways.Local.TryFindLeaving(server, out var leaving) ? leaving : WayTo(server);

    private ValueTask<IServerReply> AskAsync(IActorRef? way, IServerCommand command, CallId call, TimeSpan limit, CancellationToken ct) => way switch
    {
        null => AskOthersAsync(command, call, limit, ct),
        _ when ReferenceEquals(way, Region) => AskRegionAsync(command, limit, ct),
        _ => AskLocalAsync((IInternalActorRef)way, command, limit, ct),
    };

    // What is said about a call goes by the way that the question took, so that it cannot overtake it.
    private void Tell(IActorRef? way, IServerCommand command)
    {
        if (way is null)
            ways.Talks.Tell(command);
        else
            way.Tell(command, ActorRefs.NoSender);
    }

    private async ValueTask<IServerReply> AskLocalAsync(IInternalActorRef actor, IServerCommand command, TimeSpan limit, CancellationToken ct)
    {
        using var timer = _limits.Start(limit, ct);
        try
        {
            return await LocalAsk.AskAsync(actor, command, timer.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new AskTimeoutException($"No answer within {limit}.");
        }
    }

    // Anew it goes alone, by the region: whatever has become of the talk, this question stands for itself.
    private async ValueTask<IServerReply> AskOthersAsync(IServerCommand command, CallId call, TimeSpan limit, CancellationToken ct)
    {
        var (reply, askedAnew) = await _anew.AskAsync(
            again => again ? Region.Ask<IServerReply>(Leaving(command), limit, ct) : ways.Talks.AskAsync(Leaving(command), call, limit, ct), AskAnew.AfterSilence);
        if (askedAnew && reply is not Admitted)
        {
            // Another owner may have let it in, and would keep a place for it until its deadline.
            ways.Talks.Tell(new Abandon(command.Server, call));
        }

        return await OpenAsync(reply, ct);
    }

    // An attempt fails once, and its owner alone knows of the call. When that one is lost, what another would say is known: the caller need not wait for a take-over to hear it.
    private async ValueTask<IServerReply> AskOwnerAsync(AttemptFailed command, TimeSpan limit, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var (reply, isLost) = await _anew.AskAsync(
            lost => lost ? Task.FromResult<IServerReply>(Unknown(command)) : ways.Talks.AskAsync(command, command.Call, limit, end.Token),
            AskAnew.AfterLoss,
            command.Connection.Node);
        if (isLost && reply is not Admitted)
        {
            await end.CancelAsync();
            // Asked for admission twice, another owner may have let it in too.
            ways.Talks.Tell(new Abandon(command.Server, command.Call));
        }

        return await OpenAsync(reply, ct);
    }

    private async ValueTask<IServerReply> AskRegionAsync(IWithServerId message, TimeSpan limit, CancellationToken ct)
    {
        var reply = nodes.Alone
            ? await Region.Ask<IServerReply>(message, limit, ct)
            : (await _anew.AskAsync(_ => Region.Ask<IServerReply>(message, limit, ct), AskAnew.AfterSilence)).Value;
        return await OpenAsync(reply, ct);
    }

    private IServerCommand Leaving(IServerCommand command) => command is Admit admit ? admit.Leaving(time.GetUtcNow()) : command;

    private ValueTask<IServerReply> OpenAsync(IServerReply reply, CancellationToken ct) =>
        reply is BesideReply beside ? new ValueTask<IServerReply>(Beside.OpenAsync(beside, parcels, ct)) : ValueTask.FromResult(reply);

    private static GaveUp Unknown(AttemptFailed command) =>
        new(command.Call, GiveUpReason.UnknownCall, null, null, $"the node that knew of the call to '{command.Server}' is gone");

    private static bool IsTooLarge(Admit command) =>
        (command.Intent.Target?.Length ?? 0) + (command.Profile?.Capabilities.Length ?? 0) + (command.Profile?.ClientInfo.Length ?? 0) > MostInQuestion;
}
