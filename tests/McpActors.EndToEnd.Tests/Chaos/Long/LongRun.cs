using System.Diagnostics;
using System.Globalization;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Chaos.Long;

/// <summary>Disturbs one cluster after the other until all rounds are done, and keeps state and report in files.</summary>
internal sealed class LongRun(LongOptions options, TextWriter output)
{
    private const int MostFindings = 20;

    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(5);

    private string StateFile => Path.Combine(options.Folder, "state.json");

    /// <summary>Runs what is left to do. True when no rule was broken, before an interruption either.</summary>
    public async Task<bool> RunAsync()
    {
        Directory.CreateDirectory(options.Folder);
        var state = LongState.Load(StateFile);
        foreach (var (run, rounds) in options.Plan)
        {
            while (state.Done(run) < rounds)
            {
                var first = state.Done(run) + 1;
                var count = Math.Min(options.Batch, rounds - first + 1);
                await SayAsync($"{run}: rounds {first} to {first + count - 1} of {rounds}");
                var batch = await RunBatchAsync(run, first, count);
                state = new LongState([.. state.Batches, batch]);
                state.Save(StateFile);
                await File.WriteAllTextAsync(Path.Combine(options.Folder, "report.md"), LongReport.Write(state, Environment.ProcessorCount));
                await SayAsync($"{batch.Violations} violations{string.Concat(batch.Findings.Select(finding => "\n  " + finding))}");
            }
        }

        await SayAsync($"report: {Path.Combine(options.Folder, "report.md")}");
        return state.Batches.All(batch => batch.Violations == 0);
    }

    private async Task<Batch> RunBatchAsync(string run, int first, int count)
    {
        var (begun, watch, load) = (TimeProvider.System.GetUtcNow(), Stopwatch.StartNew(), LoadAverage());
        var strikes = new List<Strike>();
        await using var server = new PostgresServer();
        await using var nemesis = Nemesis.Create(run, server);
        try
        {
            await server.InitializeAsync();
            var settings = new ChaosSettings { Rate = options.Rate, Failover = options.Failover, Postgres = await ChaosCluster.CreateDatabaseAsync(server) };
            await using var cluster = await ChaosCluster.StartAsync(await nemesis.SetUpAsync(settings));
            await Task.Delay(s_calm);
            for (var number = first; number < first + count; number++)
                await StrikeAsync(nemesis, cluster, number, strikes);
            var verdict = await cluster.JudgeAsync();
            return Judged(run, nemesis, strikes, verdict) with { Begun = begun, Minutes = watch.Elapsed.TotalMinutes, Load = [load, LoadAverage()] };
        }
        catch (Exception broken) when (broken is TimeoutException or InvalidOperationException or HttpRequestException)
        {
            // The cluster did not come back: that is the finding, and the next batch begins with another one.
            return new Batch
            {
                Run = run,
                Rounds = strikes.Count > 0 ? [.. strikes.Select(strike => strike.ToRound([], TimeSpan.MaxValue))] : [new Round(first, "start", Empty, Empty, 0, 0)],
                Begun = begun,
                Minutes = watch.Elapsed.TotalMinutes,
                Load = [load, LoadAverage()],
                Violations = 1,
                Findings = [$"round {first + Math.Max(0, strikes.Count - 1)}: {broken.Message.Split('\n')[0]}"],
            };
        }
    }

    private async Task StrikeAsync(Nemesis nemesis, ChaosCluster cluster, int number, List<Strike> strikes)
    {
        var watch = Stopwatch.StartNew();
        var strike = new Strike(number, cluster.History);
        strikes.Add(strike);
        await nemesis.StrikeAsync(cluster, strike, new Random(unchecked((options.Seed * 1_000_003) + number)));
        await SayAsync(string.Create(CultureInfo.InvariantCulture, $"round {number}: {strike.What}; {string.Join(", ", strike.Times.Select(time => $"{time.Key} {time.Value:0.0} s"))}; load {LoadAverage():0.0}"));
        var rest = options.Apart - watch.Elapsed;
        await Task.Delay(rest > s_calm ? rest : s_calm);
    }

    private static Batch Judged(string run, Nemesis nemesis, List<Strike> strikes, Verdict verdict)
    {
        var calls = verdict.Evidence.Calls;
        List<string> findings = [.. strikes.SelectMany(strike => strike.Breaches), .. verdict.Violations.Select(violation => violation.ToString())];
        if (!nemesis.MayFailCalls)
            findings.AddRange(verdict.Failed.Select(call => $"failed: {call}"));
        return new Batch
        {
            Run = run,
            Rounds = [.. strikes.Select((strike, i) => strike.ToRound(calls, i + 1 < strikes.Count ? strikes[i + 1].At : TimeSpan.MaxValue))],
            Begun = default,
            Minutes = 0,
            Load = [],
            Calls = calls.GroupBy(call => call.Kind).ToDictionary(
                kind => kind.Key,
                kind => (IReadOnlyDictionary<string, int>)kind.GroupBy(call => call.Outcome).ToDictionary(outcome => outcome.Key.ToString(), outcome => outcome.Count())),
            Slowest = calls.Select(call => call.Took.TotalSeconds).DefaultIfEmpty().Max(),
            Withheld = verdict.Withheld,
            Acknowledged = verdict.Evidence.Acknowledged.Count,
            Violations = findings.Count,
            Findings = [.. findings.Take(MostFindings)],
        };
    }

    private static IReadOnlyDictionary<string, double> Empty { get; } = new Dictionary<string, double>();

    private static double LoadAverage() =>
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : 0;

    private Task SayAsync(string text) => output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss} {text}"));
}

/// <summary>One disturbance while it happens.</summary>
internal sealed class Strike(int number, History history)
{
    private readonly Dictionary<string, double> _times = [];
    private readonly List<string> _breaches = [];

    /// <summary>Of the run, from 1.</summary>
    public int Number => number;

    /// <summary>When it began.</summary>
    public TimeSpan At { get; private set; } = history.Now;

    /// <summary>What is done.</summary>
    public string What { get; private set; } = "";

    /// <summary>What was measured, seconds.</summary>
    public IReadOnlyDictionary<string, double> Times => _times;

    /// <summary>What was not as it should be, beside what the history shows.</summary>
    public IReadOnlyList<string> Breaches => _breaches;

    /// <summary>It begins now.</summary>
    public void Begin(string what)
    {
        (What, At) = (what, history.Now);
        history.Disturbed(what);
    }

    /// <summary>Something took so long.</summary>
    public void Took(string what, TimeSpan time) => _times[what] = Math.Max(_times.GetValueOrDefault(what), time.TotalSeconds);

    /// <summary>Something was not as it should be.</summary>
    public void Breach(string what) => _breaches.Add(string.Create(CultureInfo.InvariantCulture, $"round {number}, {What}: {what}"));

    /// <summary>What is kept of it.</summary>
    public Round ToRound(IReadOnlyList<Call> calls, TimeSpan next)
    {
        var during = calls.Where(call => call.End > At && call.Start < next).ToList();
        // What the next disturbance broke is not this one's.
        var hurt = HistoryChecker.HurtAfter([.. during.Where(call => call.End < next)], At, next == TimeSpan.MaxValue ? TimeSpan.FromHours(1) : next - At, ChaosCluster.Late);
        return new Round(
            number, What, _times, hurt.ToDictionary(kind => kind.Key, kind => kind.Value.TotalSeconds), during.Count, during.Count(call => call.Outcome != Outcome.Answered));
    }
}
