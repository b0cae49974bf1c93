using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Cluster.Discovery.Sources;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;
using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Management;

/// <summary>
/// Something discovered that a person decides about: <c>pending</c>, <c>approved</c> or <c>rejected</c>. <see cref="Hash"/> names the definition that
/// the decision is bound to; <see cref="ApprovedHash"/> the one in force, which differs while a successor waits.
/// </summary>
internal sealed record ApprovalView(
    string Id, string Source, string Name, string Title, string Version, string State, string Reason, string Hash, string? ApprovedHash, JsonNode? Definition,
    IReadOnlyList<string> Needs, string? By, string? Why, DateTimeOffset? At);

/// <summary>A page of approvals; <see cref="Next"/> goes into <c>?after=</c>.</summary>
internal sealed record ApprovalPage(IReadOnlyList<ApprovalView> Approvals, string? Next);

/// <summary>
/// Approves or rejects: the hash of the definition that was looked at, and why. The source must be named when several say the same id.
/// </summary>
internal sealed record ApprovalOrder(string? Hash, string? Reason, string? Source);

/// <summary>What sources want to run and people decide about.</summary>
internal sealed class ApprovalEndpoints(ISources sources)
{
    private static readonly string[] States = ["pending", "approved", "rejected"];

    /// <summary>A page of approvals in the order of their ids; <c>?state=</c> takes only some.</summary>
    public Task<IResult> ListAsync(HttpContext context) => Task.FromResult(List(context));

    /// <summary>Approves or rejects.</summary>
    public async Task<IResult> JudgeAsync(HttpContext context, bool approve)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        ApprovalOrder? order;
        try
        {
            order = await JsonSerializer.DeserializeAsync<ApprovalOrder>(context.Request.Body, ManagementJson.Options, context.RequestAborted);
        }
        catch (JsonException fault)
        {
            return Bad("badBody", $"Expected {{\"hash\": text, \"reason\": text}}: {fault.Message}");
        }

        if (order?.Hash is not { Length: > 0 } hash)
            return Bad("badHash", "'hash' must name the definition that was looked at; GET /api/v1/approvals shows it.");
        var matching = All().Where(view => view.Id == id && (order.Source is null || view.Source == order.Source)).ToList();
        if (matching.Count == 0)
            return Unknown(id);
        if (matching.Count > 1)
            return Bad("badSource", $"Several sources say '{id}'; name one by 'source': {string.Join(", ", matching.Select(view => view.Source))}.");
        if (!SourceName.TryParse(matching[0].Source, out var source))
            throw new InvalidOperationException($"A view names the source '{matching[0].Source}', which is none.");
        var judge = new SourcesProtocol.Judge
        {
            Source = source,
            Server = new ServerId(id),
            Hash = hash,
            IsApproved = approve,
            Who = context.Principal() ?? context.Connection.RemoteIpAddress?.ToString() ?? "local",
            Why = order.Reason ?? "",
        };
        return await sources.JudgeAsync(judge, context.RequestAborted) switch
        {
            JudgeResult.Done => Answers.Json(new OrderView(id, approve ? "approved" : "rejected")),
            JudgeResult.Missing => Unknown(id),
            JudgeResult.Refused refused when refused.Reason.Contains("has changed", StringComparison.Ordinal) => Answers.Refuse(StatusCodes.Status409Conflict, "definitionChanged", Sentence(refused.Reason)),
            JudgeResult.Refused refused => Answers.Refuse(StatusCodes.Status503ServiceUnavailable, "notStored", Sentence(refused.Reason)),
            var other => throw new InvalidOperationException($"unexpected {other.GetType().Name}"),
        };
    }

    private IResult List(HttpContext context)
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return fault;
        var state = context.Request.Query["state"].ToString();
        if (state.Length > 0 && !States.Contains(state))
            return Bad("badState", $"'state' must be pending, approved or rejected; found '{state}'.");
        var after = context.Request.Query["after"].ToString();
        ApprovalView[] page = [.. All().Where(view => state.Length == 0 || view.State == state).Where(view => string.CompareOrdinal(Key(view), after) > 0).Take(limit + 1)];
        var more = page.Length > limit;
        return Answers.Json(new ApprovalPage(more ? page[..limit] : page, more ? Key(page[limit - 1]) : null));
    }

    private IEnumerable<ApprovalView> All()
    {
        var state = sources.State;
        return state.Sources.SelectMany(pair => pair.Value.Values.Where(server => server is { ApprovalReason.Length: > 0, Definition: not null }).Select(server => View(pair.Key, server, state.JudgedOf(pair.Key, server.Id))))
            .OrderBy(Key, StringComparer.Ordinal);
    }

    private static string Key(ApprovalView view) => $"{view.Id} {view.Source}";

    private static ApprovalView View(SourceName source, DiscoveredServer server, Judgements judged)
    {
        var hash = server.Hash;
        var verdict = judged.Approved?.Hash == hash ? judged.Approved : judged.Rejected?.Hash == hash ? judged.Rejected : null;
        return new ApprovalView(
            server.Id.Value, source.ToString(), server.Name, server.Title, server.Version, verdict is null ? "pending" : verdict.IsApproved ? "approved" : "rejected",
            server.ApprovalReason, hash, judged.Approved?.Hash, JsonNode.Parse(server.Definition!.Value.Span), [.. server.Needs.Select(need => need.ToString())],
            verdict?.Who, verdict?.Why, verdict?.At);
    }

    private static IResult Unknown(string id) =>
        Answers.Refuse(StatusCodes.Status404NotFound, "unknownApproval", $"No source wants to run '{id}', or nobody needs to approve it. GET /api/v1/approvals lists what waits.");

    private static IResult Bad(string code, string detail) => Answers.Refuse(StatusCodes.Status400BadRequest, code, detail);

    private static string Sentence(string reason) => $"{char.ToUpperInvariant(reason[0])}{reason[1..]}.";
}
