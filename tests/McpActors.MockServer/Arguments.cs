using System.Globalization;
using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>The command line of the mock server as a program.</summary>
internal sealed class Arguments(string[] args)
{
    private static readonly TimeSpan s_controlPoll = TimeSpan.FromMilliseconds(50);

    public bool Has(string name) => args.Contains(name);

    public int? Number(string name) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    public MockOptions ToOptions() => new()
    {
        Protocol = Revisions.Parse(Value("--protocol") ?? "dual"),
        Answer = Enum.Parse<AnswerMode>(Value("--answer") ?? "auto", ignoreCase: true),
        Host = Value("--urls") is { } host ? new Uri(host).Host : "127.0.0.1",
        Port = Value("--urls") is { } url ? new Uri(url).Port : 0,
        Name = Value("--name") ?? "mock",
        Sessions = !Has("--no-sessions"),
        LostSessionStatus = Number("--lost-session") ?? 404,
        TtlMs = Number("--ttl") ?? 0,
        CacheScope = Value("--cache-scope") ?? "private",
        PageSize = Number("--page"),
        LedgerFile = (Value("--ledger") ?? Environment.GetEnvironmentVariable("MOCK_LEDGER"))?.Replace("{pid}", $"{Environment.ProcessId}", StringComparison.Ordinal),
        ControlFile = Value("--control") ?? Environment.GetEnvironmentVariable("MOCK_CONTROL"),
        IgnoreEndOfInput = Has("--ignore-eof"),
    };

    /// <summary>Applies the first behaviour and begins to watch the control file.</summary>
    public void Prepare(MockCore core)
    {
        var behaviour = Value("--behaviour") ?? Environment.GetEnvironmentVariable("MOCK_BEHAVIOUR");
        foreach (var fault in behaviour is null ? [] : ControlCommands.ReadFaults(behaviour))
            core.Behaviour.Add(fault);
        if (core.Options.ControlFile is { } path)
            _ = WatchAsync(core, path);
    }

    private static async Task WatchAsync(MockCore core, string path)
    {
        using var timer = new PeriodicTimer(s_controlPoll, core.Options.Time);
        var applied = "";
        do
        {
            var text = File.Exists(path) ? await File.ReadAllTextAsync(path) : "";
            if (text == applied || !text.TrimEnd().EndsWith('}'))
                continue;
            applied = text;
            await ControlCommands.ApplyAsync(core, JsonNode.Parse(text)!.AsObject());
        }
        while (await timer.WaitForNextTickAsync());
    }

    private string? Value(string name)
    {
        var index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }
}
