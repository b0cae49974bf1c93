using FsCheck.Xunit;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Deadlines;

namespace McpActors.Core.Tests.Servers.Deadlines;

public sealed class CallDeadlineTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(55);

    [Theory]
    [InlineData(null, 55)]
    [InlineData(10.0, 10)]
    [InlineData(100.0, 55)]
    [InlineData(0.0, 0)]
    [InlineData(-5.0, 0)]
    public void Shorter_deadline_of_the_client_wins(double? client, double expected) =>
        CallDeadline.From(Now, Limit, client is { } seconds ? TimeSpan.FromSeconds(seconds) : null).Total.ShouldBe(TimeSpan.FromSeconds(expected));

    [Theory]
    [InlineData(0, true, 20)]
    [InlineData(0, false, 55)]
    [InlineData(40, true, 15)]
    [InlineData(60, true, 0)]
    public void Attempt_has_its_own_limit_only_where_another_is_allowed(double elapsed, bool anotherAllowed, double expected) =>
        CallDeadline.From(Now, Limit).AttemptTimeout(Now.AddSeconds(elapsed), TimeSpan.FromSeconds(20), anotherAllowed)
            .ShouldBe(TimeSpan.FromSeconds(expected));

    [Property]
    public void Elapsed_and_remaining_make_the_total_and_no_attempt_ends_after_the_deadline(ushort total, ushort elapsed, ushort attempt)
    {
        var deadline = CallDeadline.From(Now, TimeSpan.FromMilliseconds(total));
        var then = Now.AddMilliseconds(elapsed);
        (then + deadline.AttemptTimeout(then, TimeSpan.FromMilliseconds(attempt), true)).ShouldBeLessThanOrEqualTo(elapsed < total ? deadline.End : then);
        deadline.IsOver(then).ShouldBe(elapsed >= total);
        if (elapsed <= total)
        {
            (deadline.Elapsed(then) + deadline.Remaining(then)).ShouldBe(deadline.Total);
        }
    }

    [Fact]
    public void Default_limits_keep_their_rules()
    {
        TimeoutOptions.Rules.Broken(TimeoutOptions.Default).ShouldBeEmpty();
        TimeoutOptions.Rules.Broken(TimeoutOptions.Default with { List = TimeSpan.Zero }).ShouldHaveSingleItem().Key.ShouldBe("list");
    }
}
