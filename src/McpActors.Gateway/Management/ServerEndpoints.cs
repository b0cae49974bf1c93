using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Health;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Settings;
using McpActors.Core.Servers;
using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Management;

/// <summary>Servers as the management listener shows and changes them.</summary>
internal sealed class ServerEndpoints(IServerCalls calls, IOverview overview, ICatalogue catalogue, IServerHistory history, IHealth health)
{
    /// <summary>A page of servers in the order of their ids.</summary>
    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return fault;
        var after = context.Request.Query["after"].ToString();
        var all = catalogue.Current.Servers;
        var page = all.Where(model => string.CompareOrdinal(model.Id.Value, after) > 0).Take(limit + 1).ToArray();
        var shown = page.Length > limit ? page[..limit] : page;
        var rows = await RowsAsync(shown, context.RequestAborted);
        return Answers.Json(new ServerPage(rows, all.Count, page.Length > limit ? shown[^1].Id.Value : null));
    }

    /// <summary>A line for each of some servers. Looking wakes none of them.</summary>
    public async Task<IReadOnlyList<ServerRow>> RowsAsync(IReadOnlyList<ServerModel> models, CancellationToken cancel) =>
        [.. (await overview.ServersAsync(models, cancel)).Select(glance => Views.Row(glance, health.Find(glance.Model.Id)) with { Source = SourceOf(glance.Model) })];

    private string? SourceOf(ServerModel model) => catalogue.Current.FindRoute(model.Id)?.Source.ToString();

    /// <summary>One server.</summary>
    public Task<IResult> GetAsync(HttpContext context) => WithServerAsync(context, async model =>
    {
        var glance = (await overview.ServersAsync([model], context.RequestAborted))[0];
        return glance.Status is { } status
            ? Answers.Json(Views.Of(status, model, health.Find(model.Id)) with { Reason = status.Reason ?? glance.Why, Source = SourceOf(model) })
            : Answers.Refuse(StatusCodes.Status503ServiceUnavailable, "noAnswer", $"How '{model.Id}' is cannot be told now: {glance.Why}. Try again.");
    });

    /// <summary>Its journalled history: the newest page, or the one after <c>?after=</c>.</summary>
    public Task<IResult> EventsAsync(HttpContext context) => WithServerAsync(context, async model =>
    {
        if (!Paging.TryLimit(context, out var limit, out var fault))
            return fault;
        long after = 0;
        var text = context.Request.Query["after"].ToString();
        if (text.Length > 0 && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return Answers.Refuse(StatusCodes.Status400BadRequest, "badAfter", "'after' must be the sequence number of an event, a whole number.");
        var entries = text.Length > 0
            ? await history.ReadAsync(model.Id, after, limit, context.RequestAborted)
            : await history.ReadLastAsync(model.Id, limit, context.RequestAborted);
        return Answers.Json(new EventPage(
            model.Id.Value,
            [.. entries.Select(entry => new EventView(entry.Sequence, entry.At, entry.Kind, entry.Text, entry.Details))],
            entries.Count == limit ? entries[^1].Sequence : null));
    });

    /// <summary>Adds or replaces a server.</summary>
    public async Task<IResult> PutAsync(HttpContext context)
    {
        if (!ServerId.TryParse(context.Request.RouteValues["id"] as string, out var id))
            return Answers.Refuse(StatusCodes.Status400BadRequest, "badId", "A server id is [a-z0-9][a-z0-9-]{0,23}, and 'mcpactors' is reserved.");
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return Entered(await catalogue.PutServerAsync(id, body.ToArray(), Caller(context), context.RequestAborted), id, "stored");
    }

    /// <summary>Removes a server, also one of the file.</summary>
    public Task<IResult> DeleteAsync(HttpContext context) => WithServerAsync(context, async model =>
        Entered(await catalogue.RemoveServerAsync(model.Id, Caller(context), context.RequestAborted), model.Id, "removed"));

    /// <summary>Drops the run-time entry of a server, so that the file counts again.</summary>
    public async Task<IResult> RestoreAsync(HttpContext context)
    {
        var text = context.Request.RouteValues["id"] as string ?? "";
        return ServerId.TryParse(text, out var id)
            ? Entered(await catalogue.RestoreServerAsync(id, Caller(context), context.RequestAborted), id, "as in the file")
            : Unknown(text);
    }

    /// <summary>Enables or disables a server: a run-time entry that changes nothing else of it.</summary>
    public Task<IResult> SetEnabledAsync(HttpContext context, bool enabled) => WithServerAsync(context, async model =>
    {
        var entry = catalogue.Overlay.FirstOrDefault(overlay => overlay.Server == model.Id)?.Definition;
        var definition = entry is { } bytes ? JsonNode.Parse(bytes.Span)!.AsObject() : [];
        definition["enabled"] = enabled;
        var stored = await catalogue.PutServerAsync(model.Id, Encoding.UTF8.GetBytes(definition.ToJsonString()), Caller(context), context.RequestAborted);
        return Entered(stored, model.Id, enabled ? "enabled" : "disabled");
    });

    /// <summary>Closes every session and process of a server.</summary>
    public Task<IResult> RestartAsync(HttpContext context) => OperateAsync(context, id => new ServerProtocol.Restart(id, Caller(context)));

    /// <summary>Closes the circuit and empties its window.</summary>
    public Task<IResult> ResetCircuitAsync(HttpContext context) => OperateAsync(context, id => new ServerProtocol.ResetCircuit(id, Caller(context)));

    /// <summary>Empties the cache.</summary>
    public Task<IResult> ClearCacheAsync(HttpContext context) => OperateAsync(context, id => new ServerProtocol.ClearCache(id, Caller(context)));

    /// <summary>Forces or frees the circuit.</summary>
    public async Task<IResult> SetCircuitAsync(HttpContext context)
    {
        CircuitOrder? order;
        try
        {
            order = await JsonSerializer.DeserializeAsync<CircuitOrder>(context.Request.Body, ManagementJson.Options, context.RequestAborted);
        }
        catch (JsonException fault)
        {
            return Answers.Refuse(StatusCodes.Status400BadRequest, "badBody", $"Expected {{\"mode\": \"auto|forcedOpen|forcedClosed\", \"reason\": text, \"ttl\": \"30m\"}}: {fault.Message}");
        }

        if (order?.Mode is not { } mode)
            return Answers.Refuse(StatusCodes.Status400BadRequest, "badMode", "'mode' must be auto, forcedOpen or forcedClosed.");
        TimeSpan? ttl = null;
        if (order.Ttl is { } text)
        {
            if (!UnitText.TryParseDuration(text, out var parsed) || parsed <= TimeSpan.Zero)
                return Answers.Refuse(StatusCodes.Status400BadRequest, "badTtl", $"'ttl' must be a duration such as 30m or 2h; found '{text}'.");
            ttl = parsed;
        }

        return await OperateAsync(context, id => new ServerProtocol.SetCircuitMode(id, mode, order.Reason, ttl, Caller(context)));
    }

    private Task<IResult> OperateAsync(HttpContext context, Func<ServerId, ServerProtocol.IOperatorCommand> command) => WithServerAsync(context, async model =>
        Answers.Operator(await calls.OperateAsync(command(model.Id), context.RequestAborted)));

    private async Task<IResult> WithServerAsync(HttpContext context, Func<ServerModel, Task<IResult>> found)
    {
        var text = context.Request.RouteValues["id"] as string ?? "";
        if (!catalogue.Current.TryFind(text, out var model))
            return Unknown(text);
        try
        {
            return await found(model);
        }
        catch (TimeoutException)
        {
            return Answers.Refuse(StatusCodes.Status503ServiceUnavailable, "noAnswer", $"The actor of '{text}' does not answer: it is starting or moving, or its node is overloaded. Try again.");
        }
        catch (HistoryUnavailableException fault)
        {
            return Answers.Refuse(StatusCodes.Status503ServiceUnavailable, "noJournal", $"{fault.Message} Try again, or at another node.");
        }
    }

    private IResult Unknown(string text) => Answers.UnknownServer(catalogue.Current, text);

    private IResult Entered(OverlayResult result, ServerId id, string done) => result switch
    {
        OverlayResult.Done stored => Answers.Json(new ChangeView(id.Value, done, stored.Revision), stored.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK),
        OverlayResult.Invalid invalid => Answers.Refuse(StatusCodes.Status400BadRequest, "badDefinition", string.Join(" ", invalid.Faults), invalid.Faults),
        OverlayResult.Missing => Unknown(id.Value),
        OverlayResult.Unavailable unavailable => Answers.Refuse(StatusCodes.Status503ServiceUnavailable, "notStored", unavailable.Reason),
        _ => throw new InvalidOperationException($"unexpected {result.GetType().Name}"),
    };

    // Where nobody is asked for a key, an operator is known by the address only.
    private static string Caller(HttpContext context) => context.Principal() ?? context.Connection.RemoteIpAddress?.ToString() ?? "local";
}
