using System.Text.Json.Nodes;

namespace McpActors.Gateway.Tests.Management;

/// <summary>Files of other programs as a running node takes them.</summary>
public sealed class SourceRoutesTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly ManagementNode _node = new() { More = "discovery: { files: [mcp.json] }" };

    public Task InitializeAsync() => _node.InitializeAsync();

    public Task DisposeAsync() => _node.DisposeAsync();

    ValueTask IAsyncDisposable.DisposeAsync() => new(DisposeAsync());

    [Fact]
    public async Task A_file_that_breaks_keeps_its_servers_and_shows_its_fault_until_it_is_mended()
    {
        var path = Path.Join(_node.Folder, "mcp.json");
        var whole = $$"""{ "mcpServers": { "theirs": { "url": "{{_node.Mock.Url}}" } } }""";
        (await RowAsync(row => (string?)row["lastError"] is { } error && error.EndsWith("does not exist", StringComparison.Ordinal)))["servers"]!.GetValue<int>().ShouldBe(0);
        await File.WriteAllTextAsync(path, whole);
        await RowAsync(row => (int)row["inForce"]! == 1 && row["lastError"] is null);

        await File.WriteAllTextAsync(path, whole[..(whole.Length / 2)]);

        var broken = await RowAsync(row => row["lastError"] is not null);
        ((string?)broken["lastError"]).ShouldStartWith($"{path}:1:");
        ((int)broken["inForce"]!).ShouldBe(1);
        (await _node.OkAsync("GET", "/api/v1/servers/theirs"))["id"]!.GetValue<string>().ShouldBe("theirs");

        await File.WriteAllTextAsync(path, whole.Replace("theirs", "others", StringComparison.Ordinal));
        await RowAsync(row => row["lastError"] is null);
        (await _node.OkAsync("GET", "/api/v1/servers/others"))["id"]!.GetValue<string>().ShouldBe("others");
    }

    private async Task<JsonNode> RowAsync(Func<JsonNode, bool> matches)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var rows = (await _node.OkAsync("GET", "/api/v1/sources"))["sources"]!.AsArray();
            if (rows.FirstOrDefault(row => ((string)row!["source"]!).StartsWith("mcp.json:", StringComparison.Ordinal)) is { } found && matches(found))
                return found;
            await often.WaitForNextTickAsync(limit.Token);
        }
    }
}
