using McpActors.Cluster.Health;
using McpActors.Core.Health;

namespace McpActors.Gateway.Management;

/// <summary>
/// An alert: <c>firing</c> (it was told and lasts), <c>pending</c> (it does not last long enough yet; <see cref="FiredAt"/> is when it will be told),
/// <c>raised</c> (no rule asks for it) or <c>resolved</c>. <see cref="DeliveredAt"/> is when the webhook took the last notification, <see cref="Fault"/> why it was given up.
/// </summary>
internal sealed record AlertView(
    string State, string Event, string Subject, string Text, DateTimeOffset Since, string? Rule, string? Id, DateTimeOffset? FiredAt, int Repeats,
    DateTimeOffset? ResolvedAt, DateTimeOffset? DeliveredAt, string? Fault);

/// <summary>A page of alerts; <see cref="Next"/> goes into <c>?after=</c>.</summary>
internal sealed record AlertsView(IReadOnlyList<AlertView> Alerts, string? Next);

/// <summary>Alerts as the management listener lists them.</summary>
internal sealed class AlertEndpoints(IHealth health)
{
    /// <summary>A page of alerts: those that fire first, then those that are pending, raised, and the last that ended.</summary>
    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return fault;
        AlertState? state = null;
        if (context.Request.Query["state"].ToString() is { Length: > 0 } word)
        {
            state = Enum.GetValues<AlertState>().Cast<AlertState?>().FirstOrDefault(known => Views.Word(known!.Value) == word);
            if (state is null)
                return Answers.Refuse(StatusCodes.Status400BadRequest, "badState", $"'state' must be firing, pending, raised or resolved; found '{word}'.");
        }

        var lines = new List<AlertView>();
        var after = context.Request.Query["after"].ToString();
        while (true)
        {
            // The monitor's pages are small, because they travel between nodes.
            var page = await health.AlertsAsync(new HealthProtocol.GetAlerts(state, after, limit - lines.Count), context.RequestAborted);
            if (page is null)
                return Answers.Refuse(StatusCodes.Status503ServiceUnavailable, "noAnswer", "The monitor of health does not answer: it is starting or moving to another node. Try again.");
            lines.AddRange(page.Alerts.Select(View));
            if (page.Next is null || lines.Count >= limit)
                return Answers.Json(new AlertsView(lines, page.Next));
            after = page.Next;
        }
    }

    private static AlertView View(AlertLine line) => new(
        Views.Word(line.State), line.Event.Word(), line.Subject, line.Text, line.Since, line.Rule, line.Id, line.FiredAt, line.Repeats,
        line.ResolvedAt, line.DeliveredAt, line.Fault);
}
