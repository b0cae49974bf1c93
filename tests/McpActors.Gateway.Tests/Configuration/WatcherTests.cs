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
        _changes.Raise();
        _time.Advance(ConfigurationWatcher.Settle);
    }

    private sealed class ManualChanges : IFileChanges
    {
        private Action? _changed;

        public IReadOnlyList<string> Files { get; private set; } = [];

        public bool IsWatching => _changed is not null;

        public void Raise() => _changed?.Invoke();

        public IDisposable Watch(IReadOnlyList<string> files, Action changed)
        {
            (Files, _changed) = (files, changed);
            return new End(() => _changed = _changed == changed ? null : _changed);
        }

        private sealed class End(Action end) : IDisposable
        {
            public void Dispose() => end();
        }
    }
}
