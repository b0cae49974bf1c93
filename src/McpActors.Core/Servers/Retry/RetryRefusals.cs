namespace McpActors.Core.Servers.Retry;

/// <summary>What a caller is told when there is no further attempt; the same whether the owner decided or a lease.</summary>
internal static class RetryRefusals
{
    internal static GiveUpReason Reason(RetryVerdict verdict) => verdict switch
    {
        RetryVerdict.AttemptsUsed => GiveUpReason.AttemptsUsed,
        RetryVerdict.BudgetUsed => GiveUpReason.BudgetEmpty,
        RetryVerdict.NoTimeLeft => GiveUpReason.Deadline,
        _ => GiveUpReason.NotRepeatable,
    };

    internal static string Text(RetryVerdict verdict, RetryOptions options) => verdict switch
    {
        RetryVerdict.AttemptsUsed => $"all {options.Attempts} attempts failed",
        RetryVerdict.BudgetUsed => "too many retries already go to this server",
        RetryVerdict.NoTimeLeft => "the deadline leaves no room for another attempt",
        RetryVerdict.MayHaveExecuted => "the call may have been executed and is not known to be repeatable",
        RetryVerdict.Committed => "a part of the answer had arrived",
        RetryVerdict.Cancelled => "the caller left",
        _ => "another attempt would end the same way",
    };
}
