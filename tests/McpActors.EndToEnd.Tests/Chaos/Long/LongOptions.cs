using System.Globalization;

namespace McpActors.EndToEnd.Tests.Chaos.Long;

/// <summary>What a long run is to do.</summary>
internal sealed record LongOptions
{
    /// <summary>How it is called.</summary>
    public const string Usage = """
        usage: chaos RUN [ROUNDS] [--batch N] [--rate N] [--apart SECONDS] [--failover safe|balanced|fast] [--seed N] [--folder PATH]

          RUN       kills | restarts | partitions | pauses | flaps | loss | disk | journal | all
          ROUNDS    how often; default: kills 100, restarts 20, partitions 200, pauses 20, flaps 5, loss 6, disk 3, journal 4
          --batch   rounds on one cluster, judged together; default 10
          --rate    calls a second; default 200
          --apart   between the beginnings of two rounds, at least; default 60
          --folder  where state.json and report.md are kept; default artifacts/chaos

        Run again with the same folder it goes on after the last batch that was finished.
        """;

    /// <summary>The runs by name, with their usual rounds.</summary>
    public static IReadOnlyDictionary<string, int> Runs { get; } = new Dictionary<string, int>
    {
        ["kills"] = 100,
        ["restarts"] = 20,
        ["partitions"] = 200,
        ["pauses"] = 20,
        ["flaps"] = 5,
        ["loss"] = 6,
        ["disk"] = 3,
        ["journal"] = 4,
    };

    /// <summary>Each run and its rounds, in order.</summary>
    public IReadOnlyList<(string Run, int Rounds)> Plan { get; init; } = [];

    /// <summary>Rounds on one cluster. Default 10.</summary>
    public int Batch { get; init; } = 10;

    /// <summary>Calls a second. Default 200.</summary>
    public int Rate { get; init; } = 200;

    /// <summary>Between the beginnings of two rounds, at least. Default 60 s.</summary>
    public TimeSpan Apart { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The value of <c>cluster.failover</c>. Default balanced.</summary>
    public string Failover { get; init; } = "balanced";

    /// <summary>Which victims are taken: the same seed and round take the same. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where state and report are kept. Default artifacts/chaos.</summary>
    public string Folder { get; init; } = Path.Combine("artifacts", "chaos");

    /// <summary>Reads a command line; null when it makes no sense.</summary>
    public static LongOptions? Parse(IReadOnlyList<string> args)
    {
        if (args.Count == 0 || (args[0] != "all" && !Runs.ContainsKey(args[0])))
            return null;
        var (options, next, rounds) = (new LongOptions(), 1, (int?)null);
        if (args.Count > 1 && Number(args[1]) is { } given)
            (rounds, next) = (given, 2);
        for (; next + 1 < args.Count; next += 2)
        {
            if (With(options, args[next], args[next + 1]) is not { } changed)
                return null;
            options = changed;
        }

        return next < args.Count ? null : options with
        {
            Plan = [.. Runs.Where(run => args[0] == "all" || run.Key == args[0]).Select(run => (run.Key, rounds ?? run.Value))],
        };
    }

    private static LongOptions? With(LongOptions options, string name, string value) => (name, Number(value)) switch
    {
        ("--batch", { } batch) => options with { Batch = batch },
        ("--rate", { } rate) => options with { Rate = rate },
        ("--apart", { } seconds) => options with { Apart = TimeSpan.FromSeconds(seconds) },
        ("--seed", { } seed) => options with { Seed = seed },
        ("--failover", _) when value is "safe" or "balanced" or "fast" => options with { Failover = value },
        ("--folder", _) => options with { Folder = value },
        _ => null,
    };

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
