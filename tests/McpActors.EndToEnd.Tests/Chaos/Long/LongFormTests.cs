namespace McpActors.EndToEnd.Tests.Chaos.Long;

/// <summary>What is around the long runs: command line, state, report.</summary>
public sealed class LongFormTests : IDisposable
{
    private readonly McpActors.Testing.TemporaryFolder _folder = new();

    [Fact]
    public void A_command_line_says_which_runs_how_often_and_how()
    {
        var options = LongOptions.Parse(["kills", "30", "--rate", "50", "--apart", "20", "--failover", "fast"]).ShouldNotBeNull();

        options.Plan.ShouldBe([("kills", 30)]);
        (options.Rate, options.Apart, options.Failover, options.Batch).ShouldBe((50, TimeSpan.FromSeconds(20), "fast", 10));
        LongOptions.Parse(["all"]).ShouldNotBeNull().Plan.Count.ShouldBe(LongOptions.Runs.Count);
        LongOptions.Parse(["partitions"]).ShouldNotBeNull().Plan.ShouldBe([("partitions", 200)]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("floods")]
    [InlineData("kills --rate")]
    [InlineData("kills --rate many")]
    [InlineData("kills 0")]
    [InlineData("kills 5 --failover slow")]
    public void A_command_line_that_makes_no_sense_runs_nothing(string line) =>
        LongOptions.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ShouldBeNull();

    [Fact]
    public void Every_run_has_its_nemesis()
    {
        foreach (var run in LongOptions.Runs.Keys)
            Nemesis.Create(run, new McpActors.Testing.PostgresServer()).ShouldNotBeNull();
    }

    [Fact]
    public void An_interrupted_run_goes_on_after_its_last_batch()
    {
        var file = _folder.File("state.json");
        LongState.Load(file).Done("kills").ShouldBe(0);
        var state = new LongState([Sample("kills", 1, 2), Sample("restarts", 1), Sample("kills", 3)]);

        state.Save(file);

        var loaded = LongState.Load(file);
        loaded.Done("kills").ShouldBe(3);
        loaded.Done("restarts").ShouldBe(1);
        LongReport.Write(loaded, 2).ShouldBe(LongReport.Write(state, 2));
    }

    [Fact]
    public void The_report_adds_up_calls_and_times_and_names_what_was_broken()
    {
        var report = LongReport.Write(new LongState([Sample("kills", 1, 2), Sample("kills", 3) with { Violations = 1, Findings = ["a call ran twice: http-7"] }]), 2);

        report.ShouldContain("## kills: 3 rounds, 1 violations");
        report.ShouldContain("| http | 200 | 2 (1.00 %) | Broken 2 |");
        report.ShouldContain("| whole again | 3 | 20.0 | 30.0 | 30.0 |");
        report.ShouldContain("| hurt: http | 3 | 2.0 | 3.0 | 3.0 |");
        report.ShouldContain("- a call ran twice: http-7");
        report.ShouldContain("1.5 to 2.5");
    }

    public void Dispose() => _folder.Dispose();

    private static Batch Sample(string run, params int[] rounds) => new()
    {
        Run = run,
        Rounds = [.. rounds.Select(number => new Round(number, "kill", new Dictionary<string, double> { ["whole again"] = number * 10 }, new Dictionary<string, double> { ["http"] = number }, 50, 1))],
        Begun = new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero),
        Minutes = 2,
        Load = [1.5, 2.5],
        Calls = new Dictionary<string, IReadOnlyDictionary<string, int>> { ["http"] = new Dictionary<string, int> { ["Answered"] = 99, ["Broken"] = 1 } },
    };
}
