using System.Collections.Frozen;
using McpActors.Gateway.Cli;

namespace McpActors.Gateway.Management;

/// <summary>What a route takes and answers, for the API description.</summary>
/// <param name="Answer">What it answers when all is well; null for what is no JSON of ours.</param>
/// <param name="Body">What it takes as body.</param>
/// <param name="Query">The parameters of its query.</param>
/// <param name="Refusals">Other statuses, all problem details.</param>
internal sealed record RouteShape(Type? Answer, Type? Body, IReadOnlyList<QueryParameter> Query, IReadOnlyList<int> Refusals);

/// <summary>A parameter of a query.</summary>
internal sealed record QueryParameter(string Name, string Description, bool IsNumber = false);

/// <summary>Adds to each route of <see cref="ApiTable"/> what clients are generated from.</summary>
internal static class ApiDescription
{
    private static readonly QueryParameter[] Pages =
    [
        new("after", "The `next` of the page before; the first page without it."),
        new("limit", $"Most entries of the page: 1 to {Paging.Most}, default {Paging.Default}.", IsNumber: true),
    ];

    private static readonly FrozenDictionary<ApiRoute, RouteShape> Shapes = new Dictionary<ApiRoute, RouteShape>
    {
        [ApiTable.Alive] = Of<AliveView>(),
        [ApiTable.Live] = Of<AliveView>(),
        [ApiTable.Ready] = Of<ReadyView>(),
        [ApiTable.HealthReady] = Of<ReadyView>(),
        [ApiTable.Metrics] = new(null, null, [], []),
        [ApiTable.Status] = Of<StatusView>(),
        [ApiTable.Servers] = Of<ServerPage>(400) with { Query = Pages },
        [ApiTable.Server] = Of<ServerView>(404, 503),
        [ApiTable.Events] = Of<EventPage>(400, 404, 503) with { Query = Pages },
        [ApiTable.PutServer] = Of<ChangeView>(400, 503) with { Body = typeof(object) },
        [ApiTable.DeleteServer] = Of<ChangeView>(404, 503),
        [ApiTable.Restore] = Of<ChangeView>(404, 503),
        [ApiTable.Enable] = Of<ChangeView>(400, 404, 503),
        [ApiTable.Disable] = Of<ChangeView>(400, 404, 503),
        [ApiTable.Restart] = Of<OrderView>(404, 503),
        [ApiTable.SetCircuit] = Of<OrderView>(400, 404, 503) with { Body = typeof(CircuitOrder) },
        [ApiTable.ResetCircuit] = Of<OrderView>(404, 503),
        [ApiTable.ClearCache] = Of<OrderView>(404, 503),
        [ApiTable.Tools] = Of<ToolPage>(400, 404) with
        {
            Query = [new("server", "One server; all without it. One whose tools are not known is started and asked."), new("refresh", "`true`: every server is asked, and started for it."), .. Pages],
        },
        [ApiTable.Call] = Of<object>(400, 404, 422, 429, 502, 503, 504) with { Body = typeof(object) },
        [ApiTable.Keys] = Of<KeyPage>(400) with { Query = Pages },
        [ApiTable.CreateKey] = Of<NewKeyView>(400, 503) with { Body = typeof(KeyOrder) },
        [ApiTable.RevokeKey] = Of<OrderView>(404, 503),
        [ApiTable.Sessions] = Of<SessionPage>(400) with { Query = Pages },
        [ApiTable.EndSession] = Of<OrderView>(404, 503),
        [ApiTable.Alerts] = Of<AlertsView>(400, 503) with { Query = [new("state", "`firing`, `pending`, `raised` or `resolved`; all without it."), .. Pages] },
        [ApiTable.Stream] = new(null, null, [], [429]),
        [ApiTable.Sources] = Of<SourcesView>(),
        [ApiTable.SourceServers] = Of<ClaimPage>(400) with { Query = [new("source", "One source; all without it."), .. Pages] },
        [ApiTable.Approvals] = Of<ApprovalPage>(400) with { Query = [new("state", "`pending`, `approved` or `rejected`; all without it."), .. Pages] },
        [ApiTable.Approve] = Of<OrderView>(400, 404, 409, 503) with { Body = typeof(ApprovalOrder) },
        [ApiTable.Reject] = Of<OrderView>(400, 404, 409, 503) with { Body = typeof(ApprovalOrder) },
        [ApiTable.Config] = Of<ConfigView>(),
        [ApiTable.Reload] = Of<ReloadView>(422),
        [ApiTable.Diff] = Of<ReloadView>(422),
        [ApiTable.Members] = Of<MembersView>(),
        [ApiTable.Member] = Of<MemberView>(404),
        [ApiTable.ChangeMember] = Of<MessageView>(400, 404) with
        {
            Query = [new("operation", "`leave` or `down`."), new("confirm", "`true`: the member is given up although it may run.")],
        },
        [ApiTable.Shards] = Of<ShardsView>(404),
        [ApiTable.Singletons] = Of<SingletonsView>(),
    }.ToFrozenDictionary();

    /// <summary>What a route takes and answers.</summary>
    public static RouteShape Of(ApiRoute route) => Shapes[route];

    /// <summary>Describes an endpoint.</summary>
    public static void Add(RouteHandlerBuilder endpoint, ApiRoute route)
    {
        var shape = Of(route);
        endpoint.WithName(route.Id).WithSummary(route.Summary).WithTags(TagOf(route)).WithMetadata(route);
        if (shape.Answer is { } answer)
            endpoint.Produces(route == ApiTable.CreateKey ? StatusCodes.Status201Created : StatusCodes.Status200OK, answer, "application/json");
        else
            endpoint.Produces<string>(StatusCodes.Status200OK, route == ApiTable.Stream ? "text/event-stream" : "text/plain");
        if (shape.Answer == typeof(ReadyView))
            endpoint.Produces<ReadyView>(StatusCodes.Status503ServiceUnavailable);
        if (route == ApiTable.PutServer)
            endpoint.Produces<ChangeView>(StatusCodes.Status201Created);
        foreach (var status in shape.Refusals)
            endpoint.Produces<ProblemView>(status, "application/problem+json");
        if (shape.Body is { } body)
            endpoint.Accepts(body, "application/json");
    }

    private static RouteShape Of<T>(params int[] refusals) => new(typeof(T), null, [], refusals);

    private static string TagOf(ApiRoute route) => route.Path switch
    {
        "/metrics" => "node",
        _ when route.Permission == Permission.None => "node",
        _ when route.Path.StartsWith("/cluster/", StringComparison.Ordinal) => "cluster",
        _ when route.Path.StartsWith("/api/v1/config", StringComparison.Ordinal) => "configuration",
        _ when route.Path.StartsWith("/api/v1/sources", StringComparison.Ordinal) || route.Path.StartsWith("/api/v1/approvals", StringComparison.Ordinal) => "discovery",
        _ when route.Path.StartsWith("/api/v1/keys", StringComparison.Ordinal) => "keys",
        _ when route.Path.StartsWith("/api/v1/sessions", StringComparison.Ordinal) => "sessions",
        _ when route.Path.StartsWith("/api/v1/alerts", StringComparison.Ordinal) => "alerts",
        _ when route.Path.Contains("tools", StringComparison.Ordinal) => "tools",
        _ when route.Path.StartsWith("/api/v1/servers", StringComparison.Ordinal) => "servers",
        _ => "node",
    };
}
