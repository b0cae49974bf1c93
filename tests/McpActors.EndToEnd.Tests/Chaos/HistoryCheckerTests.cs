namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>The checker finds what is wrong in made-up histories, and nothing in a good one.</summary>
public sealed class HistoryCheckerTests
{
    private static readonly StoredEvent s_order = new("web", "order-1");

    private static readonly Evidence s_good = new(
        [Ended("a", Outcome.Answered), Ended("b", Outcome.Refused), Ended("c", Outcome.Unknown), Ended("d", Outcome.Broken)],
        new Dictionary<string, int> { ["a"] = 1, ["c"] = 1 },
        [s_order],
        [s_order, new StoredEvent("web", "order-2")],
        [Row(1, "one"), Row(2, "one"), Row(3, "two")]);

    [Fact]
    public void A_good_history_has_no_violation() => HistoryChecker.Check(s_good).ShouldBeEmpty();

    [Fact]
    public void A_call_that_ran_twice_is_found() =>
        Broken(s_good with { Executions = new Dictionary<string, int> { ["a"] = 1, ["c"] = 2 } }).ShouldBe([HistoryChecker.Twice]);

    [Fact]
    public void An_answer_to_a_call_that_never_ran_is_found() =>
        Broken(s_good with { Executions = new Dictionary<string, int>() }).ShouldBe([HistoryChecker.NeverRan]);

    [Fact]
    public void A_call_that_ran_although_it_was_said_not_to_be_sent_is_found() =>
        Broken(s_good with { Executions = new Dictionary<string, int> { ["a"] = 1, ["b"] = 1 } }).ShouldBe([HistoryChecker.SaidNotSent]);

    [Fact]
    public void An_answer_that_no_fault_excuses_is_found() =>
        Broken(s_good with { Calls = [Ended("a", Outcome.Wrong)] }).ShouldBe([HistoryChecker.WrongAnswer]);

    [Theory]
    [InlineData(Outcome.None, 1)]
    [InlineData(Outcome.Refused, 71)]
    public void A_call_that_hung_is_found(object outcome, int seconds) =>
        Broken(s_good with { Calls = [Ended("b", (Outcome)outcome) with { End = TimeSpan.FromSeconds(seconds) }] }).ShouldBe([HistoryChecker.Hung]);

    [Fact]
    public void A_lost_acknowledged_event_is_found() => Broken(s_good with { Stored = [] }).ShouldBe([HistoryChecker.EventLost]);

    [Fact]
    public void A_writer_that_comes_back_after_another_is_found() =>
        Broken(s_good with { Journal = [Row(1, "one"), Row(2, "two"), Row(3, "one")] }).ShouldBe([HistoryChecker.TwoWriters]);

    [Fact]
    public void Two_rows_of_one_number_are_found() =>
        Broken(s_good with { Journal = [Row(1, "one"), Row(2, "one"), Row(2, "two")] }).ShouldBe([HistoryChecker.TwoWriters]);

    [Fact]
    public void A_hole_is_found() => Broken(s_good with { Journal = [Row(1, "one"), Row(3, "one")] }).ShouldBe([HistoryChecker.Hole]);

    [Fact]
    public void Calls_are_hurt_until_the_last_that_failed_or_was_late()
    {
        Call[] calls =
        [
            Ended("before", Outcome.Broken),
            At("http", 10, 10.1, Outcome.Broken), At("http", 10.5, 10.6, Outcome.Answered), At("http", 11, 14, Outcome.Answered),
            At("http", 15, 15.1, Outcome.Answered), At("stdio", 11, 11.1, Outcome.Answered), At("http", 95, 96, Outcome.Broken),
        ];

        var hurt = HistoryChecker.HurtAfter(calls, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1));

        hurt["http"].ShouldBe(TimeSpan.FromSeconds(4));
        hurt["stdio"].ShouldBe(TimeSpan.Zero);
    }

    private static IEnumerable<string> Broken(Evidence evidence) => HistoryChecker.Check(evidence).Select(violation => violation.Rule);

    private static Call Ended(string token, Outcome outcome) => At("http", 0, 1, outcome) with { Token = token };

    private static Call At(string kind, double start, double end, Outcome outcome) =>
        new(kind, "web", "t", TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(end), outcome, 0, "");

    private static JournalRow Row(long sequence, string writer) => new("server-web", sequence, writer);
}
