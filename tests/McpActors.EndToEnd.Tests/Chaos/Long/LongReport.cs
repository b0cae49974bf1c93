using System.Globalization;
using System.Text;

namespace McpActors.EndToEnd.Tests.Chaos.Long;

/// <summary>The report of a long run in Markdown. Pure.</summary>
internal static class LongReport
{
    /// <summary>Writes it.</summary>
    /// <param name="state">What is known.</param>
    /// <param name="processors">Of the machine.</param>
    public static string Write(LongState state, int processors)
    {
        var text = new StringBuilder("# Chaos\n\n");
        text.Append(Invariant($"{processors} processors. Times are of this machine as it was: see the load average of each batch. \"Hurt\" is the time from a disturbance until the last call of "))
            .Append("a class ended that failed or took over a second.\n");
        foreach (var run in state.Batches.GroupBy(batch => batch.Run))
            WriteRun(text, run.Key, [.. run]);
        return text.ToString();
    }

    private static void WriteRun(StringBuilder text, string run, IReadOnlyList<Batch> batches)
    {
        var rounds = batches.SelectMany(batch => batch.Rounds).ToList();
        text.Append(Invariant($"\n## {run}: {rounds.Count} rounds, {batches.Sum(batch => batch.Violations)} violations\n\n"));
        WriteCalls(text, batches);
        text.Append("\n| seconds | rounds | median | 90 % | longest |\n|---|---|---|---|---|\n");
        foreach (var (name, values) in Series(rounds))
            text.Append(Invariant($"| {name} | {values.Count} | {At(values, 0.5):0.0} | {At(values, 0.9):0.0} | {values[^1]:0.0} |\n"));
        text.Append("\n| batch begun | rounds | minutes | load average | calls | not answered | longest call, s | acknowledged events | violations |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var batch in batches)
        {
            var (calls, failed) = Sums(batch);
            text.Append(Invariant($"| {batch.Begun:yyyy-MM-dd HH:mm} | {batch.Rounds.Count} | {batch.Minutes:0.0} | {string.Join(" to ", batch.Load.Select(load => Invariant($"{load:0.0}")))} "))
                .Append(Invariant($"| {calls} | {failed} | {batch.Slowest:0.0} | {batch.Acknowledged} | {batch.Violations} |\n"));
        }

        foreach (var finding in batches.SelectMany(batch => batch.Findings))
            text.Append("\n- ").Append(finding.ReplaceLineEndings(" "));
        text.Append('\n');
    }

    private static void WriteCalls(StringBuilder text, IReadOnlyList<Batch> batches)
    {
        text.Append("| class | calls | not answered | of these |\n|---|---|---|---|\n");
        foreach (var kind in batches.SelectMany(batch => batch.Calls).GroupBy(kind => kind.Key).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            var outcomes = kind.SelectMany(entry => entry.Value).GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Sum(entry => entry.Value));
            var all = outcomes.Values.Sum();
            var failed = all - outcomes.GetValueOrDefault(nameof(Outcome.Answered));
            var parts = outcomes.Where(entry => entry.Key != nameof(Outcome.Answered)).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key} {entry.Value}");
            text.Append(Invariant($"| {kind.Key} | {all} | {failed} ({100.0 * failed / Math.Max(1, all):0.00} %) | {string.Join(", ", parts)} |\n"));
        }
    }

    private static IEnumerable<(string Name, IReadOnlyList<double> Values)> Series(IReadOnlyList<Round> rounds) => rounds
        .SelectMany(round => round.Times.Select(time => (time.Key, time.Value)).Concat(round.Hurt.Select(hurt => ($"hurt: {hurt.Key}", hurt.Value))))
        .GroupBy(entry => entry.Item1, entry => entry.Item2)
        .Select(series => (series.Key, (IReadOnlyList<double>)[.. series.Order()]));

    private static double At(IReadOnlyList<double> sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Count) - 1];

    private static (int Calls, int Failed) Sums(Batch batch)
    {
        var all = batch.Calls.Values.Sum(outcomes => outcomes.Values.Sum());
        return (all, all - batch.Calls.Values.Sum(outcomes => outcomes.GetValueOrDefault(nameof(Outcome.Answered))));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
