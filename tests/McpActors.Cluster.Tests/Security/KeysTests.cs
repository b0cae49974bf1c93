using McpActors.Cluster.Security;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Security.Keys;
using static McpActors.Core.Security.Keys.KeyProtocol;

namespace McpActors.Cluster.Tests.Security;

public sealed class KeysTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task Keys_and_revocations_survive_a_restart_and_no_text_is_stored()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        KeyChange.Created kept, ended;
        await using (var first = await TestNode.StartAsync(settings))
        {
            var keys = first.Get<IKeys>();
            kept = (await keys.CreateAsync(new NewKey("ci", KeyScopes.Read | KeyScopes.Call, null, "anna"), Soon)).ShouldBeOfType<KeyChange.Created>();
            ended = (await keys.CreateAsync(new NewKey("old", KeyScopes.Operate, null, "anna"), Soon)).ShouldBeOfType<KeyChange.Created>();
            keys.Find(ended.Text).ShouldBe(ended.Key, "who creates a key can use it at once");
            (await keys.RevokeAsync(ended.Key.Id, "bert", Soon)).ShouldBeOfType<KeyChange.Revoked>();
            keys.Find(ended.Text).ShouldBeNull("a revocation that was answered is in force");
            (await keys.RevokeAsync(ended.Key.Id, "bert", Soon)).ShouldBeOfType<KeyChange.Missing>();
        }

        await using var second = await TestNode.StartAsync(settings);
        var again = second.Get<IKeys>();

        again.Find(kept.Text).ShouldBe(kept.Key);
        again.Find(ended.Text).ShouldBeNull();
        again.All.Select(key => key.Name).ShouldBe(["ci"]);
        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            await using var opened = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(opened, System.Text.Encoding.Latin1);
            (await reader.ReadToEndAsync()).ShouldNotContain(kept.Text);
        }
    }

    [Fact]
    public async Task A_revocation_reaches_another_node_within_five_seconds()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using var first = await TestNode.StartAsync(settings with { BindPort = port });
        await using var second = await TestNode.StartAsync(settings with { Seeds = [$"127.0.0.1:{port}"] });
        var (here, there) = (first.Get<IKeys>(), second.Get<IKeys>());
        var made = (await there.CreateAsync(new NewKey("ci", KeyScopes.Call, null, "anna"), Soon)).ShouldBeOfType<KeyChange.Created>();
        await UntilAsync(() => here.Find(made.Text) is not null);
        var stream = here.EndOf(made.Key);
        stream.IsCancellationRequested.ShouldBeFalse();

        (await there.RevokeAsync(made.Key.Id, "anna", Soon)).ShouldBeOfType<KeyChange.Revoked>();

        await UntilAsync(() => here.Find(made.Text) is null && stream.IsCancellationRequested);
        here.EndOf(made.Key).IsCancellationRequested.ShouldBeTrue("what comes too late ends at once");
    }

    [Fact]
    public async Task A_key_ends_by_itself()
    {
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")));
        var keys = node.Get<IKeys>();

        var made = (await keys.CreateAsync(new NewKey("short", KeyScopes.Read, TimeSpan.FromTicks(1), "anna"), Soon)).ShouldBeOfType<KeyChange.Created>();

        keys.Find(made.Text).ShouldBeNull();
        keys.All.ShouldHaveSingleItem().ExpiresAt.ShouldNotBeNull();
    }

    [Fact]
    public void A_revocation_counts_even_when_news_before_it_were_missed()
    {
        var holder = new KeyHolder();
        holder.Take(4, [Key("a"), Key("b")]);

        holder.Take(new KeyNews(7, null, "a")).ShouldBeFalse("the rest must be asked for");

        holder.Find(KeyHash.Of("a")).ShouldBeNull();
        holder.Find(KeyHash.Of("b")).ShouldNotBeNull();
        holder.Revision.ShouldBe(4, "so that the next question brings everything");
    }

    [Fact]
    public void News_that_are_known_already_change_nothing()
    {
        var holder = new KeyHolder();
        holder.Take(4, [Key("a")]);

        holder.Take(new KeyNews(3, null, "a")).ShouldBeTrue();
        holder.Take(new KeyNews(5, Key("b"), null)).ShouldBeTrue();

        holder.Keys.Select(key => key.Id).ShouldBe(["a", "b"]);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!holds())
            await look.WaitForNextTickAsync(limit.Token);
    }

    private static ApiKey Key(string id) => new(id, id, KeyHash.Of(id), KeyScopes.All, Now, "anna", null);
}
