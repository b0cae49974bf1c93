using System.Diagnostics;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Cluster.Tests.Sessions;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;
using Microsoft.Data.Sqlite;

namespace McpActors.Cluster.Tests.Persistence;

public sealed class JournalOutageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    [Fact]
    public async Task Locked_journal_degrades_the_node_and_stops_nothing()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using var node = await TestNode.StartAsync(settings);
        var sessions = node.Get<ISessions>();
        var health = node.Get<IJournalHealth>();
        var before = await sessions.OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, null), Soon);
        health.State.ShouldBe(JournalState.Ok.Instance);

        SessionInfo during;
        await using (var locker = await new SqliteStore(settings.Connection).OpenAsync(Soon))
        {
            await locker.ExecuteAsync("BEGIN EXCLUSIVE", Soon);
            during = await sessions.OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, null), Soon);
            during.Stored.ShouldBeFalse();
            (await sessions.SetLogLevelAsync(before.Id, SessionLogLevel.Error, Soon))!.LogLevel.ShouldBe(SessionLogLevel.Error);
            (await sessions.FindAsync(before.Id, Soon)).ShouldNotBeNull();

            var degraded = await EventuallyAsync(() => health.State as JournalState.Degraded);
            degraded.Reason.ShouldContain("locked");
            degraded.Queued.ShouldBeGreaterThan(0);

            var refused = await node.Get<ICatalogue>().PutServerAsync(
                new ServerId("added"), """{"url":"http://127.0.0.1:1/mcp"}"""u8.ToArray(), "anna", Soon);
            refused.ShouldBeOfType<OverlayResult.Unavailable>();
            node.Get<ICatalogue>().Overlay.ShouldBeEmpty();
            await locker.ExecuteAsync("ROLLBACK", Soon);
        }

        await EventuallyAsync(() => health.State as JournalState.Ok);
        await EventuallyAsync(() => sessions.List().All(info => info.Stored) ? sessions : null);
        (await EventuallyAsync(async () => await node.Get<ICatalogue>().PutServerAsync(
            new ServerId("added"), """{"url":"http://127.0.0.1:1/mcp"}"""u8.ToArray(), "anna", Soon) as OverlayResult.Done)).Created.ShouldBeTrue();
        health.Dropped.ShouldBe(0);
        await node.StopAsync();

        await using var second = await TestNode.StartAsync(settings);
        (await second.Get<ISessions>().FindAsync(during.Id, Soon)).ShouldNotBeNull().Stored.ShouldBeTrue();
        (await second.Get<ISessions>().FindAsync(before.Id, Soon)).ShouldNotBeNull().LogLevel.ShouldBe(SessionLogLevel.Error);
    }

    [Fact]
    public async Task Node_starts_and_serves_while_the_journal_is_locked()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using (await TestNode.StartAsync(settings))
        {
        }

        await using var locker = await new SqliteStore(settings.Connection).OpenAsync(Soon);
        await locker.ExecuteAsync("BEGIN EXCLUSIVE", Soon);
        var watch = Stopwatch.StartNew();
        await using var node = await TestNode.StartAsync(settings);

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        (await node.Get<ISessions>().OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, null), Soon)).Stored.ShouldBeFalse();
        await EventuallyAsync(() => node.Get<IJournalHealth>().State as JournalState.Degraded);
        await locker.ExecuteAsync("ROLLBACK", Soon);
        await EventuallyAsync(() => node.Get<IJournalHealth>().State as JournalState.Ok);
    }

    [SkippableFact]
    public async Task Full_disk_degrades_the_node_and_stops_nothing()
    {
        var mount = _folder.File("full");
        Directory.CreateDirectory(mount);
        Skip.IfNot(await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount), "mounting a tmpfs needs root and CAP_SYS_ADMIN");
        try
        {
            var settings = TestNode.Settings(Path.Combine(mount, "node.db"));
            await using var node = await TestNode.StartAsync(settings);
            var sessions = node.Get<ISessions>();
            var health = node.Get<IJournalHealth>();
            (await sessions.OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, null), Soon)).Stored.ShouldBeTrue();

            var ballast = Path.Combine(mount, "ballast");
            Fill(ballast);
            var opened = new List<SessionInfo>();
            var degraded = await EventuallyAsync(async () =>
            {
                opened.Add(await sessions.OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, null), Soon));
                return health.State as JournalState.Degraded;
            });
            degraded.Reason.ShouldContain("full");
            (await sessions.FindAsync(opened[^1].Id, Soon)).ShouldNotBeNull();

            File.Delete(ballast);
            await EventuallyAsync(() => health.State as JournalState.Ok);
            await EventuallyAsync(() => sessions.List().All(info => info.Stored) ? sessions : null);
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            await RunAsync("umount", "-l", mount);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes until there is no more room; a file that ends early is the aim.</summary>
    private static void Fill(string file)
    {
        var block = new byte[4096];
        try
        {
            using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
                stream.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        await process!.WaitForExitAsync(Soon);
        return process.ExitCode == 0;
    }

    private static Task<T> EventuallyAsync<T>(Func<T?> probe)
        where T : class => EventuallyAsync(() => Task.FromResult(probe()));

    /// <summary>Asks again and again: what is waited for is another thread's doing and has no event.</summary>
    private static async Task<T> EventuallyAsync<T>(Func<Task<T?>> probe)
        where T : class
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var limit = Soon;
        while (await timer.WaitForNextTickAsync(limit))
        {
            if (await probe() is { } found)
                return found;
        }

        throw new TimeoutException();
    }
}
