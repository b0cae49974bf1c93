using System.Text.Json;

namespace McpActors.EndToEnd.Tests.Chaos.Long;

/// <summary>One disturbance and what came of it.</summary>
/// <param name="Number">Of the run, from 1.</param>
/// <param name="What">What was done.</param>
/// <param name="Times">What was measured, seconds by name.</param>
/// <param name="Hurt">By class of call: seconds until the last call ended that failed or was late.</param>
/// <param name="Calls">Calls from its beginning to the next one's.</param>
/// <param name="Failed">Those of them that were not answered.</param>
internal sealed record Round(
    int Number, string What, IReadOnlyDictionary<string, double> Times, IReadOnlyDictionary<string, double> Hurt, int Calls, int Failed);

/// <summary>Rounds on one cluster, judged together.</summary>
internal sealed record Batch
{
    /// <summary>The run it belongs to.</summary>
    public required string Run { get; init; }

    /// <summary>Its rounds, those that were begun.</summary>
    public required IReadOnlyList<Round> Rounds { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>How long it took, minutes.</summary>
    public required double Minutes { get; init; }

    /// <summary>Load average of the machine at its beginning and its end, over a minute.</summary>
    public required IReadOnlyList<double> Load { get; init; }

    /// <summary>Calls by class and outcome.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Calls { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, int>>();

    /// <summary>The longest call, seconds.</summary>
    public double Slowest { get; init; }

    /// <summary>Calls that were not begun because too many were running.</summary>
    public int Withheld { get; init; }

    /// <summary>Events that somebody was told are stored.</summary>
    public int Acknowledged { get; init; }

    /// <summary>Broken rules.</summary>
    public int Violations { get; init; }

    /// <summary>The first of them, and what else was not as it should be, for people.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];
}

/// <summary>What is known of a long run; kept in a file after every batch, so that it can be interrupted at any time.</summary>
/// <param name="Batches">Those that were finished.</param>
internal sealed record LongState(IReadOnlyList<Batch> Batches)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>Rounds of a run that are done.</summary>
    public int Done(string run) => Batches.Where(batch => batch.Run == run).Sum(batch => batch.Rounds.Count);

    /// <summary>The state in a file; an empty one where there is no file.</summary>
    public static LongState Load(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize<LongState>(File.ReadAllText(file), s_json) ?? new LongState([]) : new LongState([]);

    /// <summary>Writes the file whole or not at all.</summary>
    public void Save(string file)
    {
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this, s_json));
        File.Move(file + ".new", file, overwrite: true);
    }
}
