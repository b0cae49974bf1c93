using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Discovery;
using McpActors.Core.Servers;

namespace McpActors.Gateway.Configuration;

/// <summary>
/// Lays the servers of <c>discovery.files</c> under our own. A file that cannot be used, because of its own faults or because its servers are no servers, is taken
/// as it was when it last could be; without such a time its servers are left out. Other programs write these files, so one of them stops neither a start nor a reload.
/// </summary>
/// <param name="run">The load.</param>
/// <param name="lastGood">The texts that stand in for those that cannot be used, by path.</param>
internal sealed class DiscoveredFileReading(LoadRun run, IReadOnlyDictionary<string, string> lastGood)
{
    private const string Servers = "servers";

    /// <summary>Reads the whole configuration.</summary>
    /// <param name="root">Our own files, merged.</param>
    /// <returns>What it came to; how each discovered file fared; and the texts of those that could be used.</returns>
    public (ConfigurationReading Reading, IReadOnlyList<DiscoveredFile> Files, IReadOnlyDictionary<string, string> Texts) Read(MapNode root)
    {
        var files = ConfigurationReader.DiscoveryFiles(root, run.Inputs).Distinct(StringComparer.Ordinal).Select(Open).ToList();
        while (true)
        {
            var found = new Findings();
            var merged = files.Aggregate(root, (under, file) => Lay(under, file, found));
            var reading = ConfigurationReader.Read(merged, run.Inputs);
            var faults = found.Faults.Concat(reading.Faults).ToLookup(static fault => fault.File, StringComparer.Ordinal);
            // What one file says may be wrong only because of another, so all are laid anew; each file falls back once.
            var fellBack = false;
            foreach (var file in files)
                fellBack |= file.FallBack([.. faults[file.Path]], lastGood);
            if (fellBack)
                continue;
            run.Found.Faults.AddRange(found.Faults);
            run.Found.Warnings.AddRange(files.SelectMany(static file => file.Warnings()).Concat(found.Warnings));
            var texts = files.Where(static file => file is { Faults.Count: 0, Text: not null }).ToDictionary(static file => file.Path, static file => file.Text!, StringComparer.Ordinal);
            return (reading, [.. files.Select(static file => file.Result())], texts);
        }
    }

    private Candidate Open(string path)
    {
        if (run.TryOpen(path, out var text, out var fault))
            return new Candidate(path, text);
        var unread = new Candidate(path, null);
        unread.FallBack([fault], lastGood);
        return unread;
    }

    private MapNode Lay(MapNode under, Candidate file, Findings found)
    {
        (file.Laid, file.Outranked) = ([], []);
        if (file.Text is null || run.Parse(file.Path, file.Text, isDiscovered: true, found)?.Expanded.Find(Servers) is not { Value: MapNode servers } entry)
            return under;
        var present = under.Find(Servers)?.Value as MapNode;
        foreach (var server in servers.Entries)
        {
            if (present?.Find(server.Key) is { } first)
            {
                file.Outranked.Add(new ServerId(server.Key));
                found.Warnings.Add(ConfigurationFault.At(server.Mark, SettingPath.Child(Servers, server.Key), $"left out: the id is taken at {first.Mark}"));
            }
            else
            {
                file.Laid.Add(new ServerId(server.Key));
            }
        }

        var fresh = servers.With([.. servers.Entries.Where(server => present?.Find(server.Key) is null)]);
        return ConfigurationMerge.Merge(under, under.With([entry with { Value = fresh }]), "", found.Faults);
    }

    /// <summary>A file while it is decided what of it counts.</summary>
    private sealed class Candidate(string path, string? text)
    {
        private readonly bool _isUnread = text is null;

        public string Path { get; } = path;

        /// <summary>The text that counts; null: none.</summary>
        public string? Text { get; private set; } = text;

        /// <summary>Why the file as it is cannot be used.</summary>
        public IReadOnlyList<ConfigurationFault> Faults { get; private set; } = [];

        public List<ServerId> Laid { get; set; } = [];

        public List<ServerId> Outranked { get; set; } = [];

        /// <summary>
        /// Takes what the file said before in place of what it says. When that has faults too, because what it refers to changed, they are faults of the load: a
        /// reload is then refused, and nothing is lost.
        /// </summary>
        public bool FallBack(IReadOnlyList<ConfigurationFault> faults, IReadOnlyDictionary<string, string> lastGood)
        {
            if (faults.Count == 0 || Faults.Count > 0)
                return false;
            Faults = faults;
            Text = lastGood.GetValueOrDefault(Path);
            return true;
        }

        public IEnumerable<ConfigurationFault> Warnings() => Faults.Select(fault => fault with
        {
            Message = fault.Message + (Text is not null ? "; what it said before stays in force" : _isUnread ? "" : "; its servers are left out"),
        });

        public DiscoveredFile Result() => new(Path)
        {
            Servers = Laid,
            Outranked = Outranked,
            Faults = Faults,
            IsAbsent = _isUnread && Text is null,
            IsKept = Faults.Count > 0 && Text is not null,
        };
    }
}
