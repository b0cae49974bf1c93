using FsCheck.Xunit;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Tests.Servers.Retry;

public sealed class RetryPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(55);
    private readonly RetryPolicy _policy = new(RetryOptions.Default);
    private readonly RetryBudget _budget = new(0.2);

    [Theory]
    [InlineData(AttemptResult.Timeout)]
    [InlineData(AttemptResult.Reset)]
    [InlineData(AttemptResult.ServerError)]
    [InlineData(AttemptResult.InternalError)]
    [InlineData(AttemptResult.ProcessLost)]
    [InlineData(AttemptResult.Throttled)]
    public void Sent_call_is_retried_unless_it_may_write(AttemptResult result)
    {
        foreach (var repeatable in new[] { CallClass.SafeProtocol, CallClass.ReadOnlyTool, CallClass.IdempotentTool })
        {
            Decide(repeatable, result).Verdict.ShouldBe(RetryVerdict.Retry);
        }

        Decide(CallClass.WriteTool, result).Verdict.ShouldBe(RetryVerdict.MayHaveExecuted);
    }

    [Theory]
    [InlineData(AttemptResult.ConnectFailed)]
    [InlineData(AttemptResult.Timeout)]
    [InlineData(AttemptResult.Reset)]
    public void Call_that_never_left_is_retried_whatever_it_does(AttemptResult result) =>
        Decide(CallClass.WriteTool, result, sent: false).Verdict.ShouldBe(RetryVerdict.Retry);

    [Theory]
    [InlineData(AttemptResult.SessionLost, true)]
    [InlineData(AttemptResult.ProcessLost, false)]
    public void Lost_session_or_process_heals_at_once_without_attempt_or_budget_but_only_once(AttemptResult result, bool sent)
    {
        var policy = new RetryPolicy(RetryOptions.Default with { Attempts = 1 });
        _budget.Take(100, Now);
        var context = new RetryContext(CallClass.WriteTool, Outcome(result, sent), 1, Plenty);
        var decision = policy.Decide(context, 0.5, _budget, Now);
        decision.Verdict.ShouldBe(RetryVerdict.Heal);
        decision.SendAgain.ShouldBeTrue();
        decision.Delay.ShouldBe(TimeSpan.Zero);
        policy.Decide(context with { Healed = true }, 0.5, _budget, Now).Verdict.ShouldBe(RetryVerdict.AttemptsUsed);
        _policy.Decide(context with { Healed = true }, 0.5, new RetryBudget(0), Now).Verdict.ShouldBe(RetryVerdict.Retry);
    }

    [Theory]
    [InlineData(AttemptResult.Success, RetryVerdict.Answered)]
    [InlineData(AttemptResult.ToolError, RetryVerdict.Answered)]
    [InlineData(AttemptResult.ProtocolError, RetryVerdict.Answered)]
    [InlineData(AttemptResult.Cancelled, RetryVerdict.Cancelled)]
    [InlineData(AttemptResult.AuthRejected, RetryVerdict.NotTransient)]
    [InlineData(AttemptResult.TooLarge, RetryVerdict.NotTransient)]
    [InlineData(AttemptResult.Malformed, RetryVerdict.NotTransient)]
    public void Some_ends_are_final_for_every_class(AttemptResult result, RetryVerdict expected)
    {
        foreach (var callClass in Enum.GetValues<CallClass>())
        {
            Decide(callClass, result, sent: false).Verdict.ShouldBe(expected);
        }
    }

    [Fact]
    public void Answer_that_had_begun_commits_the_call()
    {
        var outcome = Outcome(AttemptResult.Reset) with { FirstByte = true };
        _policy.Decide(new RetryContext(CallClass.SafeProtocol, outcome, 1, Plenty), 0.5, _budget, Now).Verdict.ShouldBe(RetryVerdict.Committed);
    }

    [Fact]
    public void Attempts_time_and_budget_end_it()
    {
        var context = new RetryContext(CallClass.SafeProtocol, Outcome(AttemptResult.Timeout), 1, Plenty);
        _policy.Decide(context with { Attempt = 3 }, 0.5, _budget, Now).Verdict.ShouldBe(RetryVerdict.AttemptsUsed);
        _policy.Decide(context with { Remaining = TimeSpan.FromMilliseconds(1) }, 0.5, _budget, Now).Verdict.ShouldBe(RetryVerdict.NoTimeLeft);
        _budget.Available(Now).ShouldBe(RetryBudget.Floor, "a refused retry costs nothing");
        _budget.Take(3, Now);
        _policy.Decide(context, 0.5, _budget, Now).Verdict.ShouldBe(RetryVerdict.BudgetUsed);
    }

    [Fact]
    public void Retry_after_is_obeyed_even_above_the_cap_unless_the_deadline_comes_first()
    {
        var outcome = Outcome(AttemptResult.Throttled) with { RetryAfter = TimeSpan.FromSeconds(30) };
        var context = new RetryContext(CallClass.SafeProtocol, outcome, 1, Plenty);
        _policy.Decide(context, 0, _budget, Now).Delay.ShouldBe(TimeSpan.FromSeconds(30));
        _policy.Decide(context with { Remaining = TimeSpan.FromSeconds(30) }, 0, _budget, Now).Verdict.ShouldBe(RetryVerdict.NoTimeLeft);
    }

    [Fact]
    public void Throttled_call_never_comes_back_at_once() =>
        Decide(CallClass.SafeProtocol, AttemptResult.Throttled, random: 0).Delay.ShouldBe(TimeSpan.FromMilliseconds(100));

    [Fact]
    public void Attempt_limit_counts_only_where_another_attempt_may_follow()
    {
        _policy.AllowsAnother(CallClass.ReadOnlyTool, 1).ShouldBeTrue();
        _policy.AllowsAnother(CallClass.ReadOnlyTool, 3).ShouldBeFalse();
        _policy.AllowsAnother(CallClass.WriteTool, 1).ShouldBeFalse();
    }

    [Property(MaxTest = 2000)]
    public void Write_is_never_sent_again_after_it_may_have_been_executed(byte result, bool sent, bool firstByte, bool healed, byte attempt)
    {
        var outcome = new AttemptOutcome((AttemptResult)(result % 16), sent, firstByte, TimeSpan.Zero);
        var context = new RetryContext(CallClass.WriteTool, outcome, attempt, Plenty, healed);
        var again = new RetryPolicy(RetryOptions.Default).Decide(context, 0.5, new RetryBudget(1), Now).SendAgain;
        (again && sent && outcome.Result != AttemptResult.SessionLost).ShouldBeFalse();
    }

    [Property(MaxTest = 500)]
    public void Delays_of_one_call_end_before_its_deadline(uint[] randoms, ushort milliseconds)
    {
        var policy = new RetryPolicy(RetryOptions.Default with { Attempts = 10 });
        var budget = new RetryBudget(1);
        var rest = TimeSpan.FromMilliseconds(milliseconds);
        var context = new RetryContext(CallClass.SafeProtocol, Outcome(AttemptResult.ServerError), 1, rest);
        foreach (var random in randoms)
        {
            var decision = policy.Decide(context, random / (uint.MaxValue + 1.0), budget, Now);
            if (!decision.SendAgain)
            {
                break;
            }

            rest -= decision.Delay;
            context = context with { Attempt = context.Attempt + 1, Remaining = rest, BackoffState = decision.BackoffState };
        }

        (rest > TimeSpan.Zero || milliseconds == 0).ShouldBeTrue();
    }

    private static AttemptOutcome Outcome(AttemptResult result, bool sent = true) => new(result, sent, FirstByte: false, TimeSpan.Zero);

    private RetryDecision Decide(CallClass callClass, AttemptResult result, bool sent = true, double random = 0.5) =>
        _policy.Decide(new RetryContext(callClass, Outcome(result, sent), 1, Plenty), random, _budget, Now);
}
