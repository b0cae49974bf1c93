using System.Collections.Concurrent;
using System.Text;
using McpActors.Core.Discovery;
using McpActors.Core.Servers;
using McpActors.Gateway.Configuration;
using McpActors.Testing;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Gateway.Tests.Configuration;

/// <summary>Reading again what changed.</summary>
public sealed class WatcherTests
{
    private const string Good = "servers: { a: { url: http://x/ } }";

    private readonly Loading _files = new Loading().File("a.yaml", Good);
    private readonly FakeTimeProvider _time = new();
    private readonly ManualChanges _changes = new();
    private readonly List<ConfigurationReload> _reloads = [];

    [Fact]
    public void A_change_is_read_once_it_has_settled()
    {
        using var watcher = Start();

        _files.File("a.yaml", "servers: { a: { url: http://y/ }, b: { url: http://z/ } }\nshutdown: { drain: 5s }");
        _changes.Raise();
        _time.Advance(ConfigurationWatcher.Settle / 2);
        _changes.Raise();
        _time.Advance(ConfigurationWatcher.Settle / 2);
        _reloads.ShouldBeEmpty();
        _time.Advance(ConfigurationWatcher.Settle / 2);

        var reload = _reloads.ShouldHaveSingleItem();
        reload.IsApplied.ShouldBeTrue();
        reload.Changes.Added.ShouldBe([new ServerId("b")]);
        reload.Changes.Changed.ShouldBe([new ServerId("a")]);
        reload.Changes.NeedRestart.ShouldBe(["shutdown.drain"]);
        watcher.Current.ShouldBeSameAs(reload.InForce);
    }

    [Fact]
    public void A_bad_file_leaves_the_old_configuration_in_force()
    {
        using var watcher = Start();
        var before = watcher.Current;

        Change("servers: { a: { url: http://y/ }");

        var reload = _reloads.ShouldHaveSingleItem();
        reload.IsApplied.ShouldBeFalse();
        reload.Tried.Faults.ShouldNotBeEmpty();
        reload.Changes.IsEmpty.ShouldBeTrue();
        watcher.Current.ShouldBeSameAs(before);

        Change("servers: {}");
        _time.Advance(ConfigurationWatcher.Certainty);
        _reloads[1].Changes.Removed.ShouldBe([new ServerId("a")]);
        watcher.Current.Configuration.Servers.ShouldBeEmpty();
    }

    [Fact]
    public void A_change_that_changes_nothing_is_not_told()
    {
        using var watcher = Start();

        Change("# a comment\n" + Good);

        _reloads.ShouldBeEmpty();
    }

    [Fact]
    public void Files_that_a_configuration_comes_to_read_are_watched()
    {
        using var watcher = Start();
        _changes.Files.ShouldBe(["/etc/mcp/a.yaml"]);

        Change("servers: { a: { command: x, envFile: e.env } }");

        _reloads.ShouldHaveSingleItem().IsApplied.ShouldBeFalse();
        _changes.Files.ShouldBe(["/etc/mcp/a.yaml", "/etc/mcp/e.env"], ignoreOrder: true);
        _files.File("e.env", "A=1");
        _changes.Raise();
        _time.Advance(ConfigurationWatcher.Settle);
        _reloads[1].Changes.Changed.ShouldBe([new ServerId("a")]);
    }

    [Fact]
    public void A_reload_can_be_asked_for_and_only_who_asks_is_told()
    {
        using var watcher = Start();
        _files.File("a.yaml", "servers: {}");

        watcher.Reload().Changes.Removed.ShouldBe([new ServerId("a")]);

        _reloads.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_told_once_it_is_disposed()
    {
        var watcher = Start();
        _changes.Raise();
        watcher.Dispose();

        _files.File("a.yaml", "servers: {}");
        _time.Advance(ConfigurationWatcher.Settle);

        _reloads.ShouldBeEmpty();
        _changes.IsWatching.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_written_or_replaced_by_rename_is_noticed(bool byRename)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("a.yaml");
        await File.WriteAllTextAsync(file, Good);
        var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = new FolderChanges().Watch([file], () => noticed.TrySetResult());

        if (byRename)
        {
            await File.WriteAllTextAsync(folder.File("a.yaml.new"), "servers: {}");
            File.Move(folder.File("a.yaml.new"), file, overwrite: true);
        }
        else
        {
            await File.WriteAllTextAsync(file, "servers: {}");
        }

        await noticed.Task.WaitAsync(TimeSpan.FromSeconds(20));
        noticed.Task.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Theory]
    [InlineData("{ \"mcpServers\": { \"theirs\": { \"url\": \"http://t")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{ \"mcpServers\": { \"theirs\": { \"url\": \"nowhere\" } } }")]
    [InlineData("{ \"mcpServers\": { \"theirs\": { \"url\": \"http://x/\", \"headers\": { \"A\": \"${MISSING}\" } } } }")]
    [InlineData(null)]
    public void A_discovered_file_that_breaks_keeps_what_it_said_and_holds_up_nothing_else(string? broken)
    {
        _files.File("mcp.json", Theirs("before")).File("more.json", "{ \"mcpServers\": {} }");
        _files.File("a.yaml", "discovery: { files: [mcp.json, more.json] }");
        using var watcher = Start();

        _files.File("more.json", """{ "mcpServers": { "more": { "url": "http://more/" } } }""");
        if (broken is null)
            _files.Delete("mcp.json");
        else
            _files.File("mcp.json", broken);
        Settle();

        Hosts(watcher).ShouldBe(["more", "before"]);
        var fault = watcher.Current.Discovered.Single(file => file.Path == "/etc/mcp/mcp.json").Faults.ShouldHaveSingleItem();
        (fault.File, fault.Line).ShouldBe(("/etc/mcp/mcp.json", 1));
        fault.Message.ShouldNotBeEmpty();
        _reloads.ShouldHaveSingleItem().IsApplied.ShouldBeTrue();

        Change("discovery: { files: [mcp.json, more.json] }\nservers: { ours: { url: http://ours/ } }");
        Hosts(watcher).ShouldBe(["more", "ours", "before"], "our own file goes on to count");

        _files.File("mcp.json", Theirs("after"));
        Settle();
        Hosts(watcher).ShouldBe(["more", "ours", "after"]);
        watcher.Current.Discovered.ShouldAllBe(file => file.Faults.Count == 0);
    }

    [Fact]
    public void A_fault_of_a_discovered_file_is_told_although_nothing_changes()
    {
        _files.File("mcp.json", Theirs("before")).File("a.yaml", "discovery: { files: [mcp.json] }");
        using var watcher = Start();

        _files.File("mcp.json", "{");
        Settle();
        Settle();
        _files.File("mcp.json", Theirs("before"));
        Settle();

        _reloads.Select(reload => reload.InForce.Discovered[0].Faults.Count).ShouldBe([1, 0]);
        _reloads.ShouldAllBe(reload => reload.Changes.IsEmpty);
    }

    [Fact]
    public void A_discovered_file_that_is_broken_at_the_start_is_left_out_and_counts_once_it_is_mended()
    {
        _files.File("mcp.json", "{ \"mcpServers\": {\n  oops").File("a.yaml", Good + "\ndiscovery: { files: [mcp.json] }");
        using var watcher = Start();

        watcher.Current.IsValid.ShouldBeTrue();
        Hosts(watcher).ShouldBe(["x"]);
        watcher.Current.Warnings.ShouldHaveSingleItem().ToString().ShouldStartWith("/etc/mcp/mcp.json:2:3: no valid JSON");

        _files.File("mcp.json", Theirs("t"));
        Settle();
        Hosts(watcher).ShouldBe(["x", "t"]);
    }

    [Fact]
    public void A_file_that_is_written_in_two_steps_takes_nothing_away()
    {
        const string Whole = "servers:\n  a: { url: http://x/ }\n  b: { url: http://y/ }\n";
        _files.File("a.yaml", Whole);
        using var watcher = Start();

        // Cut off between two lines, as YAML it is whole; and the writer takes longer than any editor.
        Change(Whole[..Whole.IndexOf("  b:", StringComparison.Ordinal)]);
        _reloads.ShouldBeEmpty();
        Change(Whole.Replace("/y/", "/z/", StringComparison.Ordinal));

        var reload = _reloads.ShouldHaveSingleItem();
        reload.Changes.Removed.ShouldBeEmpty();
        reload.Changes.Changed.ShouldBe([new ServerId("b")]);
    }

    [Fact]
    public void What_a_discovered_file_said_while_it_was_written_is_not_what_it_is_kept_at()
    {
        const string Whole = "mcpServers:\n  a: { url: http://a/ }\n  b: { url: http://b/ }\n";
        _files.File("mcp.yaml", Whole).File("a.yaml", "discovery: { files: [mcp.yaml] }");
        using var watcher = Start();

        // Cut off between two lines, as YAML it is whole; then within one; and then the writer takes its time.
        _files.File("mcp.yaml", Whole[..Whole.IndexOf("  b:", StringComparison.Ordinal)]);
        Settle();
        _files.File("mcp.yaml", Whole[..^5]);
        Settle();
        _time.Advance(ConfigurationWatcher.Certainty);

        Hosts(watcher).ShouldBe(["a", "b"]);
        watcher.Current.Discovered.ShouldHaveSingleItem().IsKept.ShouldBeTrue();
        _reloads.ShouldHaveSingleItem().Changes.Removed.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_only_looked_at_is_not_what_a_discovered_file_is_kept_at()
    {
        _files.File("mcp.json", Theirs("before")).File("a.yaml", "discovery: { files: [mcp.json] }");
        using var watcher = Start();

        _files.File("mcp.json", Theirs("previewed"));
        _files.Load();
        _files.File("mcp.json", "{");
        Settle();

        Hosts(watcher).ShouldBe(["before"]);
    }

    [Fact]
    public void A_change_that_takes_servers_away_counts_once_the_file_was_quiet_for_longer()
    {
        using var watcher = Start();

        Change("servers: {}");
        _time.Advance(ConfigurationWatcher.Certainty - ConfigurationWatcher.Settle - TimeSpan.FromMilliseconds(1));
        _reloads.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        _reloads.ShouldHaveSingleItem().Changes.Removed.ShouldBe([new ServerId("a")]);
    }

    [Fact]
    public async Task A_real_file_that_is_cut_off_and_then_written_whole_never_takes_a_server_away()
    {
        using var folder = new TemporaryFolder();
        var (ours, theirs) = (folder.File("a.yaml"), folder.File("mcp.json"));
        var (before, after) = (Theirs("before"), Theirs("after"));
        await File.WriteAllTextAsync(ours, "discovery: { files: [mcp.json] }");
        await File.WriteAllTextAsync(theirs, before);
        var loader = new ConfigurationLoader(new MachineInputs(), folder.Path);
        using var watcher = new ConfigurationWatcher(loader, [ours], loader.Load(ours), new FolderChanges(), TimeProvider.System);
        using var reloads = new BlockingCollection<ConfigurationReload>();
        watcher.Reloaded += reloads.Add;
        watcher.Start();

        await using (var file = new FileStream(theirs, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(after[..20]));
            await file.FlushAsync();
            var half = Next();
            half.InForce.Discovered[0].Faults.ShouldNotBeEmpty();
            Hosts(watcher).ShouldBe(["before"]);
            await file.WriteAsync(Encoding.UTF8.GetBytes(after[20..]));
        }

        Next().InForce.Discovered[0].Faults.ShouldBeEmpty();
        Hosts(watcher).ShouldBe(["after"]);

        ConfigurationReload Next() => reloads.TryTake(out var reload, TimeSpan.FromSeconds(20)) ? reload : throw new TimeoutException("nothing was told");
    }

    [Fact]
    public async Task A_file_whose_folder_comes_later_or_goes_and_comes_again_is_noticed()
    {
        using var folder = new TemporaryFolder();
        var (ours, theirs) = (folder.File("a.yaml"), folder.File(Path.Combine("tool", "settings", "mcp.json")));
        await File.WriteAllTextAsync(ours, "discovery: { files: [tool/settings/mcp.json] }");
        var loader = new ConfigurationLoader(new MachineInputs(), folder.Path);
        using var watcher = new ConfigurationWatcher(loader, [ours], loader.Load(ours), new FolderChanges(), TimeProvider.System);
        using var reloads = new BlockingCollection<ConfigurationReload>();
        watcher.Reloaded += reloads.Add;
        watcher.Start();
        Hosts(watcher).ShouldBeEmpty();

        Write("before");
        Until(said => said.Faults.Count == 0);
        Hosts(watcher).ShouldBe(["before"]);

        Directory.Delete(folder.File("tool"), recursive: true);
        Until(said => said.Faults.Count > 0);
        Hosts(watcher).ShouldBe(["before"]);

        Write("after");
        Until(said => said.Faults.Count == 0);
        Hosts(watcher).ShouldBe(["after"]);

        void Write(string host)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(theirs)!);
            File.WriteAllText(theirs, Theirs(host));
        }

        void Until(Func<DiscoveredFile, bool> condition)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (!condition(reloads.Take(limit.Token).InForce.Discovered[0]))
            {
            }
        }
    }

    [Fact]
    public void A_folder_that_comes_is_watched_and_its_files_are_read_once_more()
    {
        using var watcher = Start();
        _changes.Folders = new HashSet<string> { "/etc/mcp", "/etc/mcp/new" };
        Settle();
        _changes.Watches.ShouldBe(2);
        _reloads.ShouldBeEmpty();

        _files.File("a.yaml", "servers: { a: { url: http://y/ } }");
        _time.Advance(ConfigurationWatcher.Settle);

        _reloads.ShouldHaveSingleItem().Changes.Changed.ShouldBe([new ServerId("a")]);
        _changes.Watches.ShouldBe(2, "no other folder came");
    }

    [Theory]
    [InlineData("health", "{ alerts: [{ name: pager, webhook: '${file:/run/secret}', events: [serverUnhealthy] }] }", "https://pager.example/old", "https://pager.example/new")]
    [InlineData("defaults", "{ labels: { team: '${file:/run/secret}' } }", "old", "new")]
    public void What_a_reference_stands_for_beside_the_servers_counts_when_it_changes(string name, string section, string old, string @new)
    {
        _files.File("a.yaml", $"{name}: {section}").File("/run/secret", old);
        using var watcher = Start();

        _files.File("/run/secret", @new);
        Settle();

        var reload = _reloads.ShouldHaveSingleItem();
        reload.IsOtherFile.ShouldBeFalse("its text is the same");
        reload.Changes.Sections.ShouldBe([name]);
        watcher.Current.ShouldBeSameAs(reload.Tried);
    }

    private static string Theirs(string host) => $$"""{ "mcpServers": { "theirs": { "url": "http://{{host}}/" } } }""";

    private static string[] Hosts(ConfigurationWatcher watcher) =>
        [.. watcher.Current.Configuration.Servers.Values.OrderBy(static server => server.Id.Value, StringComparer.Ordinal).Select(static server => server.Url!.Host)];

    private void Settle()
    {
        _changes.Raise();
        _time.Advance(ConfigurationWatcher.Settle);
    }

    private ConfigurationWatcher Start()
    {
        var watcher = new ConfigurationWatcher(_files.Loader, ["a.yaml"], _files.Load(), _changes, _time);
        watcher.Reloaded += _reloads.Add;
        watcher.Start();
        return watcher;
    }

    private void Change(string yaml)
    {
        _files.File("a.yaml", yaml);
        Settle();
    }

    private sealed class ManualChanges : IFileChanges
    {
        private Action? _changed;

        public IReadOnlyList<string> Files { get; private set; } = [];

        public IReadOnlySet<string> Folders { get; set; } = new HashSet<string> { "/etc/mcp" };

        public int Watches { get; private set; }

        public bool IsWatching => _changed is not null;

        public void Raise() => _changed?.Invoke();

        public IDisposable Watch(IReadOnlyList<string> files, Action changed)
        {
            (Files, _changed) = (files, changed);
            Watches++;
            return new End(() => _changed = _changed == changed ? null : _changed);
        }

        public IReadOnlySet<string> Places(IReadOnlyList<string> files) => Folders;

        private sealed class End(Action end) : IDisposable
        {
            public void Dispose() => end();
        }
    }
}
