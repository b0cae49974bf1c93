using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.EndToEnd.Tests.RealServers;

/// <summary>The official C# SDK client, of every era, before the published servers.</summary>
[Collection(RealGatewayCollection.Name)]
public sealed class OfficialCSharpClientTests(RealGateway real)
{
    private static readonly string[] s_revisions = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"];

    public static TheoryData<string> Revisions => [.. s_revisions];

    public static TheoryData<string, string> EverythingByRevision
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var revision in s_revisions)
            {
                data.Add("everything", revision);
                data.Add("everything-http", revision);
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(EverythingByRevision))]
    public async Task Everything_server_is_used_through_its_own_endpoint(string server, string revision)
    {
        await using var client = await ConnectAsync(server, revision);

        client.NegotiatedProtocolVersion.ShouldBe(revision);
        (await client.ListToolsAsync()).Select(tool => tool.Name).ShouldContain("echo");
        TextOf(await client.CallToolAsync("echo", Arguments(("message", "hé \"quoted\"")))).ShouldBe("Echo: hé \"quoted\"");
        TextOf(await client.CallToolAsync("get-sum", Arguments(("a", 2), ("b", 3)))).ShouldContain("5");
        (await client.CallToolAsync("get-structured-content", Arguments(("location", "Chicago")))).StructuredContent.ShouldNotBeNull();
        (await client.CallToolAsync("get-tiny-image")).Content.OfType<ImageContentBlock>().ShouldNotBeEmpty();

        var resources = await client.ListResourcesAsync();
        var read = await client.ReadResourceAsync(resources[0].Uri);
        read.Contents.OfType<TextResourceContents>().Single().Text.ShouldNotBeEmpty();
        (await client.ListResourceTemplatesAsync()).ShouldNotBeEmpty();

        (await client.ListPromptsAsync()).Select(prompt => prompt.Name).ShouldContain("args-prompt");
        (await client.GetPromptAsync("args-prompt", Arguments(("city", "Oslo")))).Messages.ShouldNotBeEmpty();
        (await client.CompleteAsync(new PromptReference { Name = "completable-prompt" }, "department", "Eng")).Completion.Values.ShouldContain("Engineering");
    }

    [SkippableTheory]
    [MemberData(nameof(Revisions))]
    public async Task Progress_arrives_while_the_call_runs(string revision)
    {
        await using var client = await ConnectAsync("everything", revision);
        var seen = new List<float>();

        var result = await client.CallToolAsync(
            "trigger-long-running-operation",
            Arguments(("duration", 2), ("steps", 4)),
            new ListProgress(seen));

        TextOf(result).ShouldContain("completed");

        // This client hands out notifications side by side and drops those that come after the result; the order is for the other SDKs to see.
        seen.ShouldBeSubsetOf([1, 2, 3, 4]);
        seen.Distinct().Count().ShouldBeGreaterThanOrEqualTo(2);
    }

    [SkippableTheory]
    [MemberData(nameof(Revisions))]
    public async Task Files_memory_and_thinking_servers_do_their_work(string revision)
    {
        await using var files = await ConnectAsync("files", revision);
        TextOf(await files.CallToolAsync("read_text_file", Arguments(("path", Path.Combine(real.Files, "hello.txt"))))).ShouldBe("hello from a file");
        var written = Path.Combine(real.Files, $"{revision}.txt");
        (await files.CallToolAsync("write_file", Arguments(("path", written), ("content", revision)))).IsError.ShouldNotBe(true);
        (await File.ReadAllTextAsync(written)).ShouldBe(revision);
        (await files.CallToolAsync("read_text_file", Arguments(("path", "/etc/hostname")))).IsError.ShouldBe(true);

        await using var memory = await ConnectAsync("memory", revision);
        object[] entities = [new { name = revision, entityType = "revision", observations = (string[])["seen"] }];
        (await memory.CallToolAsync("create_entities", Arguments(("entities", entities)))).IsError.ShouldNotBe(true);
        TextOf(await memory.CallToolAsync("search_nodes", Arguments(("query", revision)))).ShouldContain("\"seen\"");

        await using var thinking = await ConnectAsync("thinking", revision);
        var thought = await thinking.CallToolAsync(
            "sequentialthinking",
            Arguments(("thought", "first"), ("nextThoughtNeeded", false), ("thoughtNumber", 1), ("totalThoughts", 1)));
        TextOf(thought).ShouldContain("\"thoughtNumber\": 1");
    }

    [SkippableTheory]
    [MemberData(nameof(Revisions))]
    public async Task All_servers_are_used_through_the_one_endpoint(string revision)
    {
        await using var client = await ConnectAsync(null, revision);

        var tools = (await client.ListToolsAsync()).Select(tool => tool.Name).ToList();

        tools.ShouldContain("everything__echo");
        tools.ShouldContain("files__read_text_file");
        tools.ShouldContain("memory__read_graph");
        tools.ShouldContain("thinking__sequentialthinking");
        tools.ShouldContain("modern__echo");
        tools.Distinct().Count().ShouldBe(tools.Count);
        TextOf(await client.CallToolAsync("everything__echo", Arguments(("message", "one")))).ShouldBe("Echo: one");
        TextOf(await client.CallToolAsync("modern__echo", Arguments(("message", "two")))).ShouldBe("two");
        TextOf(await client.CallToolAsync("legacy__echo", Arguments(("message", "three")))).ShouldBe("three");
        TextOf(await client.CallToolAsync("files__read_text_file", Arguments(("path", Path.Combine(real.Files, "hello.txt"))))).ShouldBe("hello from a file");
        (await client.ListPromptsAsync()).Select(prompt => prompt.Name).ShouldContain("everything__simple-prompt");
    }

    [SkippableTheory]
    [InlineData("legacy", "2026-07-28")]
    [InlineData("legacy", "2025-11-25")]
    [InlineData("modern", "2026-07-28")]
    [InlineData("modern", "2025-06-18")]
    public async Task A_call_of_one_era_reaches_a_server_of_the_other_exactly_once(string server, string revision)
    {
        var mock = server == "legacy" ? real.Legacy : real.Modern;
        await using var client = await ConnectAsync(server, revision);
        var token = Guid.NewGuid().ToString();

        (await client.CallToolAsync("counter", Arguments(("token", token)))).IsError.ShouldNotBe(true);

        mock.Ledger.Executions("counter", token).ShouldBe(1);
        (await client.CallToolAsync("fail")).IsError.ShouldBe(true);
        (await client.ReadResourceAsync("mock://item/7")).Contents.OfType<TextResourceContents>().Single().Text.ShouldBe("item 7");
    }

    [SkippableFact]
    public async Task An_unknown_tool_is_named_with_its_nearest_neighbour()
    {
        await using var client = await ConnectAsync(null, "2026-07-28");

        var unknown = await Should.ThrowAsync<McpProtocolException>(async () => await client.CallToolAsync("everythin__echo"));

        unknown.ErrorCode.ShouldBe(McpErrorCode.InvalidParams);
        unknown.Message.ShouldContain("everything__echo");
    }

    private async Task<McpClient> ConnectAsync(string? server, string revision) => await McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions { Endpoint = real.Gateway.Mcp(server) }),
        new McpClientOptions { ProtocolVersion = revision });

    private static Dictionary<string, object?> Arguments(params (string Name, object? Value)[] arguments) =>
        arguments.ToDictionary(argument => argument.Name, argument => argument.Value);

    private static string TextOf(CallToolResult result) => string.Join("\n", result.Content.OfType<TextContentBlock>().Select(block => block.Text));

    /// <summary>Collects progress in order, on the thread that reports it.</summary>
    private sealed class ListProgress(List<float> seen) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value)
        {
            lock (seen)
                seen.Add(value.Progress);
        }
    }
}
