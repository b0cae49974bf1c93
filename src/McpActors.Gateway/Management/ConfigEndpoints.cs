using System.Text.Json.Nodes;
using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Gateway.Management;

/// <summary>The configuration as the management listener shows and reloads it.</summary>
internal sealed class ConfigEndpoints(ConfigurationService service, ICatalogue catalogue)
{
    /// <summary>The configuration in force, secrets masked, with its revision and hash.</summary>
    public IResult Get()
    {
        var current = service.Current;
        return Answers.Json(new
        {
            revision = catalogue.Agreement?.Revision,
            hash = current.Hash,
            agreedHash = catalogue.Agreement?.Hash,
            drift = catalogue.Agreement is { } agreed && agreed.Hash != current.Hash,
            files = current.Files,
            warnings = current.Warnings.Select(warning => warning.ToString()),
            configuration = JsonNode.Parse(ConfigurationJson.WriteMasked(current.Configuration)),
            overlay = catalogue.Overlay.Select(entry => new { id = entry.Server.Value, removed = entry.Definition is null, who = entry.Who, at = entry.At }),
        });
    }

    /// <summary>What a reload would change.</summary>
    public IResult Diff() => Answer(service.Preview());

    /// <summary>Reads the files again.</summary>
    public async Task<IResult> ReloadAsync(HttpContext context) => Answer(await service.ReloadAsync(context.RequestAborted));

    private static IResult Answer(ReloadOutcome outcome) => outcome.Tried.IsValid
        ? Answers.Json(new
        {
            added = outcome.Changes.Added.Select(id => id.Value),
            changed = outcome.Changes.Changed.Select(id => id.Value),
            removed = outcome.Changes.Removed.Select(id => id.Value),
            needsRestart = outcome.Changes.NeedRestart,
            warnings = outcome.Tried.Warnings.Select(warning => warning.ToString()),
            journal = outcome.Text,
        })
        : Answers.Json(
            new
            {
                title = "Unprocessable Content",
                status = 422,
                code = "badConfiguration",
                detail = $"{outcome.Tried.Faults.Count} faults; the old configuration stays in force. " + string.Join(" ", outcome.Tried.Faults.Select(fault => fault.ToString())),
                faults = outcome.Tried.Faults,
            },
            StatusCodes.Status422UnprocessableEntity);
}
