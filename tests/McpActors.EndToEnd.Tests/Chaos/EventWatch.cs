using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// Gives orders as an operator does and remembers which ones were acknowledged, and every event that a history showed: what was said to be stored once must be
/// there in the end.
/// </summary>
internal sealed class EventWatch(IReadOnlyList<SupervisedNode> nodes, History history) : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly IReadOnlyList<string> s_watched = [ChaosServers.Operated, ChaosServers.Open, ChaosServers.Trips];

    private readonly CancellationTokenSource _stopped = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Orders that were given.</summary>
    public int Orders { get; private set; }

    /// <summary>Begins.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Ends.</summary>
    public async Task StopAsync()
    {
        await _stopped.CancelAsync();
        await _running;
    }

    /// <summary>Every event of the watched servers, as a node tells them.</summary>
    public static async Task<IReadOnlyList<StoredEvent>> ReadAsync(SupervisedNode node)
    {
        var events = new List<StoredEvent>();
        foreach (var server in s_watched)
        {
            for (var after = ""; ;)
            {
                var page = await node.At.StateAsync($"/api/v1/servers/{server}/events?limit=1000{after}");
                events.AddRange(page["events"]!.AsArray().SelectMany(entry => Of(server, entry!)));
                if (page["next"] is not { } next)
                    break;
                after = $"&after={next}";
            }
        }

        return events;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopped.Dispose();
    }

    private static IEnumerable<StoredEvent> Of(string server, JsonNode entry)
    {
        yield return new StoredEvent(server, $"{entry["sequence"]} {entry["event"]} {entry["at"]}");
        if (entry["details"]?["reason"] is { } reason)
            yield return new StoredEvent(server, (string)reason!);
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            for (var turn = 0; await timer.WaitForNextTickAsync(_stopped.Token); turn++)
                await OnceAsync(nodes[turn % nodes.Count], turn);
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task OnceAsync(SupervisedNode node, int turn)
    {
        try
        {
            var reason = string.Create(CultureInfo.InvariantCulture, $"order-{turn}");
            Orders++;
            var (status, _) = await node.At.OperateAsync(
                HttpMethod.Put, $"/api/v1/servers/{ChaosServers.Operated}/circuit", new { mode = turn % 2 == 0 ? "forcedOpen" : "forcedClosed", reason, ttl = "1h" });
            if (status == HttpStatusCode.OK)
                history.Acknowledge(new StoredEvent(ChaosServers.Operated, reason));
            if (turn % 5 == 0)
            {
                foreach (var seen in await ReadAsync(node))
                    history.Acknowledge(seen);
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or OperationCanceledException)
        {
            // The node does not answer now; nothing was acknowledged.
        }
    }
}
