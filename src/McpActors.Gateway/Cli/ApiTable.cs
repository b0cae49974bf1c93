namespace McpActors.Gateway.Cli;

/// <summary>What a caller must be allowed to do; kept with every route from the start so that authentication needs no second table.</summary>
internal enum Permission
{
    /// <summary>Open to whoever reaches the listener: probes and static pages.</summary>
    None,

    /// <summary>Look at state.</summary>
    Read,

    /// <summary>Call a tool.</summary>
    Call,

    /// <summary>Change state.</summary>
    Operate,
}

/// <summary>One management route with the verb of the command line that uses it.</summary>
/// <param name="Id">Its name in the API description; stable.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Route template, as ASP.NET writes it.</param>
/// <param name="Permission">What the caller needs.</param>
/// <param name="Verb">The command, without its options; null for what only programs use.</param>
/// <param name="Summary">One line for the API description.</param>
internal sealed record ApiRoute(string Id, string Method, string Path, Permission Permission, string? Verb, string Summary);

/// <summary>The one table of management route, verb and permission. Endpoints are mapped from it, and a test fails on gaps.</summary>
internal static class ApiTable
{
    public static readonly ApiRoute Alive = new("alive", "GET", "/alive", Permission.None, null, "Answers 200 while the process runs.");
    public static readonly ApiRoute Ready = new("ready", "GET", "/ready", Permission.None, null, "Answers 200 when the node serves, and names each part that is degraded.");
    public static readonly ApiRoute Live = new("healthLive", "GET", "/healthz/live", Permission.None, "probe", "The same as /alive.");
    public static readonly ApiRoute HealthReady = new("healthReady", "GET", "/healthz/ready", Permission.None, "probe --ready", "The same as /ready.");
    public static readonly ApiRoute Metrics = new("metrics", "GET", "/metrics", Permission.Read, null, "Prometheus metrics of this node.");
    public static readonly ApiRoute Status = new("getStatus", "GET", "/api/v1/status", Permission.Read, "status", "The cluster at a glance: every node with its parts, and a line for each server.");
    public static readonly ApiRoute Servers = new("listServers", "GET", "/api/v1/servers", Permission.Read, "servers", "The configured servers with their state; pages by ?after=&limit=.");
    public static readonly ApiRoute Server = new("getServer", "GET", "/api/v1/servers/{id}", Permission.Read, "servers ID", "The state of one server's actor.");
    public static readonly ApiRoute Events = new("listServerEvents", "GET", "/api/v1/servers/{id}/events", Permission.Read, "servers ID --events", "The event-sourced history of one server; pages by ?after=&limit=.");
    public static readonly ApiRoute PutServer = new("putServer", "PUT", "/api/v1/servers/{id}", Permission.Operate, "servers add", "Adds or replaces a server at run time; the file is never changed.");
    public static readonly ApiRoute DeleteServer = new("deleteServer", "DELETE", "/api/v1/servers/{id}", Permission.Operate, "servers remove", "Removes a server at run time.");
    public static readonly ApiRoute Restore = new("restoreServer", "POST", "/api/v1/servers/{id}/restore", Permission.Operate, "servers restore", "Drops the run-time entry of a server, so that the file counts again.");
    public static readonly ApiRoute Enable = new("enableServer", "POST", "/api/v1/servers/{id}/enable", Permission.Operate, "servers enable", "Lets a disabled server take calls again.");
    public static readonly ApiRoute Disable = new("disableServer", "POST", "/api/v1/servers/{id}/disable", Permission.Operate, "servers disable", "Refuses calls to a server and stops its processes.");
    public static readonly ApiRoute Restart = new("restartServer", "POST", "/api/v1/servers/{id}/restart", Permission.Operate, "servers restart", "Closes every session and process of a server; the next call opens fresh ones.");
    public static readonly ApiRoute SetCircuit = new("setCircuit", "PUT", "/api/v1/servers/{id}/circuit", Permission.Operate, "circuit", "Forces the circuit open or closed for a time, or gives it back to the machine.");
    public static readonly ApiRoute ResetCircuit = new("resetCircuit", "POST", "/api/v1/servers/{id}/circuit/reset", Permission.Operate, "circuit ID reset", "Closes the circuit and empties its window.");
    public static readonly ApiRoute ClearCache = new("clearCache", "POST", "/api/v1/servers/{id}/cache/clear", Permission.Operate, "cache clear", "Drops every cached result of a server.");
    public static readonly ApiRoute Tools = new("listTools", "GET", "/api/v1/tools", Permission.Read, "tools", "The tools of all servers, or of ?server=ID, as last known: no process is started for it, except by ?refresh=true; pages by ?after=&limit=.");
    public static readonly ApiRoute Call = new("callTool", "POST", "/api/v1/servers/{id}/tools/{tool}", Permission.Call, "call", "Calls a tool: arguments in, {content, structuredContent, isError} out.");
    public static readonly ApiRoute Keys = new("listKeys", "GET", "/api/v1/keys", Permission.Operate, "keys list", "The API keys, without their texts; pages by ?after=&limit=.");
    public static readonly ApiRoute CreateKey = new("createKey", "POST", "/api/v1/keys", Permission.Operate, "keys create", "Makes an API key; its text is in the answer and nowhere else.");
    public static readonly ApiRoute RevokeKey = new("revokeKey", "DELETE", "/api/v1/keys/{id}", Permission.Operate, "keys revoke", "Ends an API key, in every node within 5 s.");
    public static readonly ApiRoute Sessions = new("listSessions", "GET", "/api/v1/sessions", Permission.Read, "sessions", "The sessions of clients over all nodes, by handles that admit to nothing; pages by ?after=&limit=.");
    public static readonly ApiRoute EndSession = new("endSession", "DELETE", "/api/v1/sessions/{id}", Permission.Operate, "sessions end", "Ends a session; its client hears 404 and opens another.");
    public static readonly ApiRoute Alerts = new("listAlerts", "GET", "/api/v1/alerts", Permission.Read, "alerts", "What is the matter, who was told, and what is over; pages by ?after=&limit=.");
    public static readonly ApiRoute Stream = new("streamTransitions", "GET", "/api/v1/stream", Permission.Read, null, "The live feed of transitions over all nodes, as server-sent events; Last-Event-ID resumes at the same node, else an event 'gap' says that some were missed.");
    public static readonly ApiRoute Sources = new("listSources", "GET", "/api/v1/sources", Permission.Read, "sources", "Where servers come from, in the order in which they win, and how the sources do.");
    public static readonly ApiRoute SourceServers = new("listSourceServers", "GET", "/api/v1/sources/servers", Permission.Read, "sources --servers", "What each source, or ?source=NAME, says of each server, who won, and why the others did not; pages by ?after=&limit=.");
    public static readonly ApiRoute Approvals = new("listApprovals", "GET", "/api/v1/approvals", Permission.Read, "approvals list", "What registries want to run and what was decided; ?state= takes pending, approved or rejected; pages by ?after=&limit=.");
    public static readonly ApiRoute Approve = new("approve", "POST", "/api/v1/approvals/{id}/approve", Permission.Operate, "approvals approve", "Lets a discovered server be used, as the definition with the given hash says.");
    public static readonly ApiRoute Reject = new("reject", "POST", "/api/v1/approvals/{id}/reject", Permission.Operate, "approvals reject", "Refuses a discovered server, or takes its approval back.");
    public static readonly ApiRoute Config = new("getConfig", "GET", "/api/v1/config", Permission.Read, "config", "The effective configuration, secrets masked, and the revision and hash that every node runs.");
    public static readonly ApiRoute Reload = new("reloadConfig", "POST", "/api/v1/config/reload", Permission.Operate, "config reload", "Reads this node's files again and makes them the revision of all nodes; answers what changed, what needs a restart, and how each node took it.");
    public static readonly ApiRoute Diff = new("previewReload", "GET", "/api/v1/config/diff", Permission.Read, "config diff", "How this node's files, as they are now, differ from the cluster's revision.");
    public static readonly ApiRoute Members = new("listMembers", "GET", "/cluster/members", Permission.Read, "members", "The members of the cluster, as Akka Management shows them.");
    public static readonly ApiRoute ChangeMember = new("changeMember", "PUT", "/cluster/members/{address}", Permission.Operate, "drain", "Lets a member leave (operation=leave), or gives a dead one up (operation=down and confirm=true).");
    public static readonly ApiRoute Shards = new("listShards", "GET", "/cluster/shards/{type}", Permission.Read, null, "The shards of a region, server or session, with their node and their entities.");
    public static readonly ApiRoute Singletons = new("listSingletons", "GET", "/cluster/singletons", Permission.Read, null, "The cluster's singletons and the nodes they run on.");
    public static readonly ApiRoute Member = new("getMember", "GET", "/cluster/members/{address}", Permission.Read, null, "One member, by its name or host:port.");

    /// <summary>Every route, in the order of the documentation.</summary>
    public static IReadOnlyList<ApiRoute> All { get; } =
    [
        Alive, Ready, Live, HealthReady, Metrics, Status, Servers, Server, Events, PutServer, DeleteServer, Restore, Enable, Disable, Restart,
        SetCircuit, ResetCircuit, ClearCache, Tools, Call, Keys, CreateKey, RevokeKey, Sources, SourceServers, Approvals, Approve, Reject, Sessions, EndSession, Alerts,
        Stream, Config, Reload, Diff, Members, Member,
        ChangeMember, Shards, Singletons,
    ];
}
