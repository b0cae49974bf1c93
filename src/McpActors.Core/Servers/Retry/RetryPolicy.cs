using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Retry;

/// <summary>Why a call is sent again or not; bounded, so it may label a metric.</summary>
public enum RetryVerdict
{
    /// <summary>Sent again after a delay, taken from the budget.</summary>
    Retry,

    /// <summary>Sent again at once over a new session or process; costs no attempt and no budget, and happens once per call.</summary>
    Heal,

    /// <summary>Not: the server answered.</summary>
    Answered,

    /// <summary>Not: the caller went away.</summary>
    Cancelled,

    /// <summary>Not: another attempt would end the same way.</summary>
    NotTransient,

    /// <summary>Not: an answer had begun.</summary>
    Committed,

    /// <summary>Not: it may have been executed, and its class forbids to do that twice.</summary>
    MayHaveExecuted,

    /// <summary>Not: all attempts are used.</summary>
    AttemptsUsed,

    /// <summary>Not: the deadline comes before the next attempt.</summary>
    NoTimeLeft,

    /// <summary>Not: too many retries already go to this server.</summary>
    BudgetUsed,
}

/// <summary>What a decision about a retry rests upon.</summary>
/// <param name="Class">How much the call may be repeated.</param>
/// <param name="Outcome">How the last attempt ended.</param>
/// <param name="Attempt">The number of attempts made that cost one; the first is 1.</param>
/// <param name="Remaining">Time to the call's deadline.</param>
/// <param name="Healed">Whether the call was already sent again by <see cref="RetryVerdict.Heal"/>.</param>
/// <param name="BackoffState">From the decision before; 0 at first.</param>
/// <param name="FailsOver">
/// Whether nobody was there and another replica can be asked: that is no second knock on the same door and burdens nobody, so it needs neither a wait nor the budget.
/// </param>
public readonly record struct RetryContext(
    CallClass Class,
    AttemptOutcome Outcome,
    int Attempt,
    TimeSpan Remaining,
    bool Healed = false,
    double BackoffState = 0,
    bool FailsOver = false);

/// <summary>A decision about a retry.</summary>
/// <param name="Verdict">Whether, and why.</param>
/// <param name="Delay">How long to wait first.</param>
/// <param name="BackoffState">To be given to the next decision of the same call.</param>
public readonly record struct RetryDecision(RetryVerdict Verdict, TimeSpan Delay, double BackoffState)
{
    /// <summary>Whether the call is sent again.</summary>
    public bool SendAgain => Verdict is RetryVerdict.Retry or RetryVerdict.Heal;
}

/// <summary>Decides whether a call is sent again. Pure but for the budget, from which it takes.</summary>
public sealed class RetryPolicy
{
    private readonly RetryOptions _options;

    /// <summary>A policy.</summary>
    public RetryPolicy(RetryOptions options)
    {
        RetryOptions.Rules.ThrowIfBroken(options);
        _options = options;
    }

    /// <summary>
    /// Whether an attempt that times out after it was sent could be followed by another: only then the attempt's own limit counts.
    /// </summary>
    public bool AllowsAnother(CallClass callClass, int attempt) => callClass.MayRepeatAfterSend() && attempt < _options.Attempts;

    /// <summary>Decides about one failed or finished attempt.</summary>
    /// <param name="context">The call so far.</param>
    /// <param name="random">In [0, 1).</param>
    /// <param name="budget">The server's budget; a <see cref="RetryVerdict.Retry"/> takes one from it.</param>
    /// <param name="now">The time.</param>
    public RetryDecision Decide(in RetryContext context, double random, RetryBudget budget, DateTimeOffset now)
    {
        var refusal = Refusal(context);
        if (refusal is not null)
        {
            return new RetryDecision(refusal.Value, TimeSpan.Zero, context.BackoffState);
        }

        if (context.Outcome.HealsByReconnect && !context.Healed)
        {
            return new RetryDecision(
                context.Remaining > TimeSpan.Zero ? RetryVerdict.Heal : RetryVerdict.NoTimeLeft, TimeSpan.Zero, context.BackoffState);
        }

        if (context.Attempt >= _options.Attempts)
        {
            return new RetryDecision(RetryVerdict.AttemptsUsed, TimeSpan.Zero, context.BackoffState);
        }

        if (context.FailsOver && context.Remaining > TimeSpan.Zero)
        {
            return new RetryDecision(RetryVerdict.Retry, TimeSpan.Zero, context.BackoffState);
        }

        var state = context.BackoffState;
        var delay = DelayBefore(context, random, ref state);
        if (delay >= context.Remaining)
        {
            return new RetryDecision(RetryVerdict.NoTimeLeft, TimeSpan.Zero, context.BackoffState);
        }

        return budget.TryTake(now)
            ? new RetryDecision(RetryVerdict.Retry, delay, state)
            : new RetryDecision(RetryVerdict.BudgetUsed, TimeSpan.Zero, context.BackoffState);
    }

    // What the nature of the call forbids, whatever time, attempts and budget are left.
    private static RetryVerdict? Refusal(in RetryContext context)
    {
        var outcome = context.Outcome;
        if (outcome.IsAnswered)
        {
            return RetryVerdict.Answered;
        }

        switch (outcome.Result)
        {
            case AttemptResult.Cancelled:
                return RetryVerdict.Cancelled;
            case AttemptResult.AuthRejected or AttemptResult.TooLarge or AttemptResult.Malformed:
                return RetryVerdict.NotTransient;
            case AttemptResult.SessionLost or AttemptResult.ServerError or AttemptResult.Throttled:
                // An error status is a whole answer that nobody has been shown; its bytes commit to nothing.
                break;
            default:
                if (outcome.FirstByte)
                {
                    return RetryVerdict.Committed;
                }

                break;
        }

        return context.Class.MayRepeatAfterSend() || outcome.ProvablyNotExecuted ? null : RetryVerdict.MayHaveExecuted;
    }

    private TimeSpan DelayBefore(in RetryContext context, double random, ref double state)
    {
        // A server that throttles must not get a retry at once, as the other spreads may give it.
        var jitter = context.Outcome.Result == AttemptResult.Throttled && _options.Jitter != RetryJitter.None ? RetryJitter.Equal : _options.Jitter;
        var delay = RetryBackoff.Delay(_options, jitter, context.Attempt - 1, random, ref state);
        return context.Outcome.RetryAfter is { } asked && asked > delay ? asked : delay;
    }
}
