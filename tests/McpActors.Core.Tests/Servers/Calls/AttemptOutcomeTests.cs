using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Tests.Servers.Calls;

public sealed class AttemptOutcomeTests
{
    [Theory]
    [InlineData(AttemptResult.Success, CircuitVerdict.Success)]
    [InlineData(AttemptResult.ToolError, CircuitVerdict.Success)]
    [InlineData(AttemptResult.ProtocolError, CircuitVerdict.Success)]
    [InlineData(AttemptResult.AuthRejected, CircuitVerdict.Success)]
    [InlineData(AttemptResult.InternalError, CircuitVerdict.Failure)]
    [InlineData(AttemptResult.Timeout, CircuitVerdict.Failure)]
    [InlineData(AttemptResult.ConnectFailed, CircuitVerdict.Failure)]
    [InlineData(AttemptResult.Reset, CircuitVerdict.Failure)]
    [InlineData(AttemptResult.ServerError, CircuitVerdict.Failure)]
    [InlineData(AttemptResult.ProcessLost, CircuitVerdict.Failure)]
    [InlineData(AttemptResult.Malformed, CircuitVerdict.Failure)]
    [InlineData((AttemptResult)12345, CircuitVerdict.Failure)]
    [InlineData(AttemptResult.Throttled, CircuitVerdict.NoVerdict)]
    [InlineData(AttemptResult.SessionLost, CircuitVerdict.NoVerdict)]
    [InlineData(AttemptResult.TooLarge, CircuitVerdict.NoVerdict)]
    [InlineData(AttemptResult.Cancelled, CircuitVerdict.NoVerdict)]
    public void Verdict_counts_what_the_server_did_and_not_what_it_said(AttemptResult result, CircuitVerdict expected) =>
        Of(result).Verdict.ShouldBe(expected);

    [Fact]
    public void Only_what_never_left_or_was_refused_with_its_session_is_provably_not_executed()
    {
        Of(AttemptResult.Timeout).ProvablyNotExecuted.ShouldBeFalse();
        Of(AttemptResult.Timeout, sent: false).ProvablyNotExecuted.ShouldBeTrue();
        Of(AttemptResult.SessionLost).ProvablyNotExecuted.ShouldBeTrue();
        Of(AttemptResult.ServerError).ProvablyNotExecuted.ShouldBeFalse();
    }

    [Fact]
    public void Outcome_is_unknown_where_no_answer_says_otherwise()
    {
        Of(AttemptResult.Timeout).IsUnknown.ShouldBeTrue();
        Of(AttemptResult.ProcessLost).IsUnknown.ShouldBeTrue();
        Of(AttemptResult.Malformed).IsUnknown.ShouldBeTrue();
        Of(AttemptResult.ProcessLost, sent: false).IsUnknown.ShouldBeFalse();
        Of(AttemptResult.InternalError).IsUnknown.ShouldBeFalse();
        Of(AttemptResult.ToolError).IsUnknown.ShouldBeFalse();
    }

    private static AttemptOutcome Of(AttemptResult result, bool sent = true) => new(result, sent, FirstByte: false, TimeSpan.Zero);
}
