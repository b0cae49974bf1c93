using System.Globalization;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>A row of the journal: one event of one entity, and which incarnation wrote it.</summary>
internal sealed record JournalRow(string Entity, long Sequence, string Writer);

/// <summary>What a checked history is judged by.</summary>
/// <param name="Calls">All calls.</param>
/// <param name="Executions">How often the servers executed each token.</param>
/// <param name="Acknowledged">Events that somebody was told are stored.</param>
/// <param name="Stored">Events that are.</param>
/// <param name="Journal">The journal, by entity and sequence number.</param>
internal sealed record Evidence(
    IReadOnlyList<Call> Calls,
    IReadOnlyDictionary<string, int> Executions,
    IReadOnlyCollection<StoredEvent> Acknowledged,
    IReadOnlyCollection<StoredEvent> Stored,
    IReadOnlyList<JournalRow> Journal);

/// <summary>A rule that was broken, and by what.</summary>
internal sealed record Violation(string Rule, string What)
{
    public override string ToString() => $"{Rule}: {What}";
}

/// <summary>Judges a history after the fact. Pure: the same evidence gives the same verdict.</summary>
internal static class HistoryChecker
{
    public const string Twice = "a call ran twice";
    public const string NeverRan = "a call was answered that never ran";
    public const string SaidNotSent = "a call ran of which was said that nothing was sent";
    public const string WrongAnswer = "a call got an answer that no fault excuses";
    public const string Hung = "a call hung";
    public const string EventLost = "an acknowledged event is lost";
    public const string TwoWriters = "an entity had two accepted writers";
    public const string Hole = "an entity's events have a hole";

    /// <summary>Longer than any deadline of the load and its own way through the gateway: whoever waits longer was forgotten.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(70);

    /// <summary>Every broken rule. Empty is what a reliable gateway leaves behind.</summary>
    public static IReadOnlyList<Violation> Check(Evidence evidence) =>
        [.. OfCalls(evidence), .. OfEvents(evidence), .. OfJournal(evidence.Journal)];

    /// <summary>
    /// How long calls of each class were hurt by what happened at a moment: from it until the last of those that began within the span failed or, if it was
    /// answered late, was answered.
    /// </summary>
    public static IReadOnlyDictionary<string, TimeSpan> HurtAfter(IEnumerable<Call> calls, TimeSpan moment, TimeSpan span, TimeSpan late) => calls
        .Where(call => call.End > moment && call.Start < moment + span)
        .GroupBy(call => call.Kind)
        .ToDictionary(
            kind => kind.Key,
            kind => kind.Where(call => call.Outcome != Outcome.Answered || call.Took > late).Select(call => call.End - moment).DefaultIfEmpty(TimeSpan.Zero).Max());

    private static IEnumerable<Violation> OfCalls(Evidence evidence)
    {
        foreach (var (token, times) in evidence.Executions)
        {
            if (times > 1)
                yield return new Violation(Twice, string.Create(CultureInfo.InvariantCulture, $"{token}, {times} times"));
        }

        foreach (var call in evidence.Calls)
        {
            var ran = evidence.Executions.GetValueOrDefault(call.Token) > 0;
            if (call.Outcome == Outcome.Answered && !ran)
                yield return new Violation(NeverRan, call.ToString());
            if (call.Outcome == Outcome.Refused && ran)
                yield return new Violation(SaidNotSent, call.ToString());
            if (call.Outcome == Outcome.Wrong)
                yield return new Violation(WrongAnswer, call.ToString());
            if (call.Outcome == Outcome.None || call.Took > Patience)
                yield return new Violation(Hung, call.ToString());
        }
    }

    private static IEnumerable<Violation> OfEvents(Evidence evidence) => evidence.Acknowledged
        .Except(evidence.Stored)
        .Select(lost => new Violation(EventLost, $"{lost.Server}: {lost.Text}"));

    private static IEnumerable<Violation> OfJournal(IEnumerable<JournalRow> journal)
    {
        foreach (var entity in journal.GroupBy(row => row.Entity))
        {
            var done = new HashSet<string>();
            JournalRow? last = null;
            foreach (var row in entity.OrderBy(row => row.Sequence))
            {
                if (last is not null && row.Writer != last.Writer)
                    done.Add(last.Writer);
                if (done.Contains(row.Writer) || row.Sequence == last?.Sequence)
                    yield return new Violation(TwoWriters, $"{row.Entity} at {row.Sequence}");
                if (last is not null && row.Sequence > last.Sequence + 1)
                    yield return new Violation(Hole, $"{row.Entity} between {last.Sequence} and {row.Sequence}");
                last = row;
            }
        }
    }
}
