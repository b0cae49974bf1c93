using McpActors.Cluster.Nodes;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Servers;

/// <summary>
/// Asks in a cluster: a question that a dead node took along is asked anew when the node is gone, so that its caller waits for the take-over and not for its
/// deadline. Actors take the same question twice for one.
/// </summary>
internal sealed class QuestionsAnew(INodes nodes, TimeProvider time)
{
    /// <summary>Between questions after a loss: the first ones may come before the shards have a new home.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    /// <summary>Asks, and asks again after each loss.</summary>
    /// <param name="ask">The question; asked anew it goes alone, by the same function with true.</param>
    /// <param name="owner">The node whose loss matters; null when it is not known.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<IServerReply> AskAsync(Func<bool, Task<IServerReply>> ask, int? owner, CancellationToken ct)
    {
        var loss = nodes.NextLoss;
        var first = ask(false);
        if (await Task.WhenAny(first, loss) == first)
        {
            return await first;
        }

        var asked = new List<Task> { first };
        var lost = false;
        while (true)
        {
            if (loss.IsCompletedSuccessfully)
            {
                lost |= owner is null || await loss == owner;
                loss = nodes.NextLoss;
            }

            if (lost)
            {
                asked.Add(ask(true));
            }

            // The delay is not cancelled with the caller: its questions are, and one of them ends the wait.
            var due = lost ? Task.Delay(Again, time, CancellationToken.None) : Task.Delay(Timeout.InfiniteTimeSpan, time, ct);
            var done = await Task.WhenAny([.. asked, loss, due]);
            if (done is Task<IServerReply> answered)
            {
                return await answered;
            }
        }
    }
}
