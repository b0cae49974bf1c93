using McpActors.Cluster.Discovery.Sources;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;

namespace McpActors.Gateway.Management;

/// <summary>
/// A source that servers come from. <see cref="Rank"/>: of two sources that say the same id, the lower one wins. <see cref="Servers"/>: how many it says,
/// <see cref="InForce"/>: how many of them count.
/// </summary>
internal sealed record SourceView(
    string Source, int Rank, int Servers, int InForce, string? Node, DateTimeOffset? LastSuccess, string? LastError, DateTimeOffset? LastErrorAt, DateTimeOffset? NextDue, int Failures);

/// <summary>The sources in their order; <see cref="Coordinator"/> says when their coordinator did not answer, so that how they do is not known.</summary>
internal sealed record SourcesView(IReadOnlyList<SourceView> Sources, string Coordinator);

/// <summary>What a source says of a server and what became of it: <c>inForce</c>, <c>outranked</c>, <c>needsApproval</c>, <c>rejected</c>, <c>needsConfiguration</c>, <c>unavailable</c> or <c>faulty</c>.</summary>
internal sealed record ClaimView(string Id, string Source, string Standing, string? Reason, string Name, string Title, string? Version);

/// <summary>A page of what sources say; <see cref="Next"/> goes into <c>?after=</c>.</summary>
internal sealed record ClaimPage(IReadOnlyList<ClaimView> Servers, string? Next);

/// <summary>Where servers come from, as the management listener shows it.</summary>
internal sealed class SourceEndpoints(ISources sources)
{
    /// <summary>The sources.</summary>
    public async Task<IResult> ListAsync(HttpContext context)
    {
        var statuses = await sources.GetStatusAsync(context.RequestAborted);
        var claims = sources.Claims.GroupBy(claim => claim.Source).ToDictionary(group => group.Key, group => (Said: group.Count(), InForce: group.Count(claim => claim.Standing == ClaimStanding.InForce)));
        var byName = (statuses ?? []).ToLookup(status => status.Source);
        var names = claims.Keys.Concat(byName.Select(group => group.Key)).Concat(sources.State.Sources.Keys).Append(SourceName.File).Distinct();
        // A file of discovery.files has a row for each node that reads it, because it can be broken at one of them alone.
        var rows = names.OrderBy(sources.RankOf).ThenBy(name => name, SourceName.Order).SelectMany((name, rank) =>
            byName[name].OrderBy(status => status.Node, StringComparer.Ordinal).DefaultIfEmpty().Select(status => View(name, rank + 1, claims.GetValueOrDefault(name), status)));
        return Answers.Json(new SourcesView([.. rows], statuses is null ? "does not answer; how the sources do is not known" : "ok"));
    }

    /// <summary>A page of everything that any source says, by id: who won, who lost, and why.</summary>
    public Task<IResult> ServersAsync(HttpContext context)
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return Task.FromResult(fault);
        var after = context.Request.Query["after"].ToString();
        var source = context.Request.Query["source"].ToString();
        var page = sources.Claims.Where(claim => source.Length == 0 || claim.Source.ToString() == source)
            .Where(claim => string.CompareOrdinal(Key(claim), after) > 0)
            .OrderBy(Key, StringComparer.Ordinal).Take(limit + 1).ToArray();
        var more = page.Length > limit;
        return Task.FromResult(Answers.Json(new ClaimPage([.. page.Take(limit).Select(View)], more ? Key(page[limit - 1]) : null)));
    }

    private static string Key(CatalogueClaim claim) => $"{claim.Id} {(int)claim.Source.Kind} {claim.Source.Name}";

    private static ClaimView View(CatalogueClaim claim) => new(
        claim.Id.Value, claim.Source.ToString(), Views.Word(claim.Standing), claim.Reason.Length == 0 ? null : claim.Reason, claim.Name, claim.Title, claim.Version.Length == 0 ? null : claim.Version);

    private static SourceView View(SourceName name, int rank, (int Said, int InForce) counts, SourceStatus? status) => new(
        name.ToString(), rank, Math.Max(counts.Said, status?.Servers ?? 0), counts.InForce, status?.Node, status?.LastSuccess, status?.LastError is { Length: > 0 } error ? error : null,
        status?.LastErrorAt, status?.NextDue, status?.Failures ?? 0);
}
