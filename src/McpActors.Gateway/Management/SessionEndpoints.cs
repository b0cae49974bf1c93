using McpActors.Cluster.Overview;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Sessions;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;

namespace McpActors.Gateway.Management;

/// <summary>The sessions of legacy clients, wherever they are. Shown under a handle: their ids are what admits to them.</summary>
internal sealed class SessionEndpoints(IOverview overview, ISessions sessions, IServerCalls servers)
{
    /// <summary>A page of them, in the order of their handles.</summary>
    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return fault;
        var found = await overview.SessionsAsync(context.Request.Query["after"].ToString(), limit + 1, context.RequestAborted);
        var more = found.Items.Count > limit;
        SessionRow[] rows = [.. found.Items.Take(limit).Select(Row)];
        return Answers.Json(new SessionPage(rows, found.Silent, more ? rows[^1].Id : null));
    }

    /// <summary>Ends one. Its client hears 404 with the next request, and opens another.</summary>
    public async Task<IResult> EndAsync(HttpContext context)
    {
        var handle = context.Request.RouteValues["id"] as string ?? "";
        try
        {
            if (!SessionHandle.IsWellFormed(handle) || await overview.FindSessionAsync(handle, context.RequestAborted) is not { } id
                || await sessions.FindAsync(id, context.RequestAborted) is not { } session
                || !await sessions.CloseAsync(id, SessionEnd.Operator, context.RequestAborted))
            {
                return Answers.Refuse(StatusCodes.Status404NotFound, "unknownSession", $"There is no open session '{handle}'; GET /api/v1/sessions lists them. It may have ended meanwhile.");
            }

            if (ServerId.TryParse(session.Route, out var server))
                servers.ReleaseSlot(server, session.Slot);
            else
                servers.ReleaseSlots(session.Slot);
            return Answers.Json(new OrderView(handle, "ended"));
        }
        catch (SessionUnavailableException late)
        {
            return Answers.Refuse(StatusCodes.Status503ServiceUnavailable, late.NoJournal ? "noJournal" : "noAnswer", $"Session '{handle}' was not ended: {late.Message}.");
        }
    }

    private static SessionRow Row(SessionGlance session) => new(
        session.Handle,
        session.Route == SessionInfo.AllServers ? "/mcp" : "/mcp/" + session.Route,
        session.Principal, session.Revision, session.CreatedAt, session.LastUse,
        session.LogLevel is { } level ? Views.Word(level) : null,
        [.. session.Subscriptions.Select(resource => new SubscriptionView(resource.Server.Value, resource.Uri))],
        session.Stored, session.OwnerNode, session.StreamNodes);
}
