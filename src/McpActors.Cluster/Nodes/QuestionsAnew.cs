namespace McpActors.Cluster.Nodes;

/// <summary>When a question is asked anew.</summary>
internal enum AskAnew
{
    /// <summary>After the loss of any node: it may be the one that owed the answer. For questions that may reach two owners, one after the other.</summary>
    AfterLoss,

    /// <summary>Also without any loss, when no answer comes. For questions that an actor may be asked twice.</summary>
    AfterSilence,
}

/// <summary>An answer.</summary>
/// <typeparam name="T">What it is.</typeparam>
/// <param name="Value">The answer.</param>
/// <param name="AskedAnew">Whether it was asked more than once, so that another answer may come to nobody.</param>
internal readonly record struct Answered<T>(T Value, bool AskedAnew);

/// <summary>
/// Asks in a cluster: a question that a dead node took along is asked anew when the node is gone, so that its caller waits for the take-over and not for its
/// deadline. One that got lost without the loss of a node, while its shard moved or a link was down for a moment, is asked anew after a while.
/// </summary>
internal sealed class QuestionsAnew(INodes nodes, TimeProvider time)
{
    /// <summary>Between questions after a loss: the first ones may come before the shards have a new home.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Without an answer for so long, a question is asked anew; then after twice that time, and so on. Longer than an actor takes that is well and at home: a
    /// call that waits on purpose (in a queue, for a process that starts) costs a small message each time.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // One for all questions, so that one that is answered soon costs no timer.
    private Task _beat = Task.CompletedTask;

    /// <summary>Asks until there is an answer.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="ask">Asks, and ends the wait with its caller's; anew it is called with true. It may ask another question then, where one must not be repeated.</param>
    /// <param name="anew">When it is asked anew.</param>
    /// <param name="owner">The node whose loss alone matters, because only it could answer; null: any. When it is gone already, it is not asked first.</param>
    public async Task<Answered<T>> AskAsync<T>(Func<bool, Task<T>> ask, AskAnew anew, int? owner = null)
    {
        var loss = nodes.NextLoss;
        var begun = time.GetTimestamp();
        // Of an owner that was gone before, no loss will be heard.
        if (owner is { } known && nodes.IsGone(known))
        {
            return new Answered<T>(await ask(true), AskedAnew: true);
        }

        var first = ask(false);
        if (await Task.WhenAny(first, loss, anew == AskAnew.AfterSilence ? Beat() : loss) == first)
        {
            return new Answered<T>(await first, AskedAnew: false);
        }

        var asked = new List<Task> { first };
        var lost = false;
        var due = anew == AskAnew.AfterSilence ? Patience : TimeSpan.MaxValue;
        using var answered = new CancellationTokenSource();
        while (true)
        {
            if (loss.IsCompletedSuccessfully)
            {
                loss = nodes.NextLoss;
                lost |= owner is not { } needed || nodes.IsGone(needed);
                due = lost ? TimeSpan.Zero : due;
            }

            var elapsed = time.GetElapsedTime(begun);
            if (elapsed >= due)
            {
                asked.Add(ask(true));
                due = elapsed + (lost ? Again : elapsed);
            }

            // Not cancelled with the caller: its questions are, and one of them ends the wait.
            var wait = due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : due - elapsed;
            var done = await Task.WhenAny([.. asked, loss, Task.Delay(wait, time, answered.Token)]);
            if (done is Task<T> answer && asked.Contains(done))
            {
                await answered.CancelAsync();
                return new Answered<T>(await answer, asked.Count > 1);
            }
        }
    }

    private Task Beat()
    {
        var beat = _beat;
        // Two at once may each begin one: both are as good.
        return beat.IsCompleted ? _beat = Task.Delay(Patience, time) : beat;
    }
}
