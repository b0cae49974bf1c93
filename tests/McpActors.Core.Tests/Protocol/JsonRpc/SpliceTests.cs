using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Core.Tests.Protocol.JsonRpc;

public sealed class SpliceTests
{
    private static readonly ReadOnlyMemory<byte> Value = """{"v":[1]}"""u8.ToArray();

    [Property(MaxTest = 300)]
    public void What_is_spliced_scans_to_what_was_asked(int seed)
    {
        var json = new RandomJson(seed);
        var body = json.Random.Next(2) == 0 ? Bytes.Of(json.Request()) : Bytes.InPieces(Encoding.UTF8.GetBytes(json.Request()), json.Random);
        var before = JsonRpcScannerTests.Scan(body);
        var expected = JsonNode.Parse(Bytes.Text(body))!;
        using var plan = new SplicePlan();

        plan.Replace(before.Id, 4711);
        plan.Replace(before.Params.Name, "\"server__tool\""u8);
        expected["id"] = 4711;
        expected["params"]!["name"] = "server__tool";
        if (!before.Meta.Range.IsNone)
        {
            MemberEditor.Apply(plan, body, before.Meta.Range, MemberChange.Set("progressToken", "9"u8.ToArray()), MemberChange.Remove("traceparent"), MemberChange.Default("x/y", Value));
            var meta = expected["params"]!["_meta"]!.AsObject();
            meta["progressToken"] = 9;
            meta.Remove("traceparent");
            meta.TryAdd("x/y", JsonNode.Parse(Value.Span));
        }

        using var written = plan.Apply(body);
        written.Length.ShouldBe(plan.OutputLength(body.Length));
        var after = JsonRpcScannerTests.Scan(written.Sequence);
        after.IdNumber.ShouldBe(4711);
        after.TargetText(written.Sequence).ShouldBe("server__tool");
        JsonNode.DeepEquals(JsonNode.Parse(Bytes.Text(written.Sequence)), expected).ShouldBeTrue();
    }

    [Property(MaxTest = 500)]
    public void Members_are_edited_as_in_a_document(int seed)
    {
        var json = new RandomJson(seed);
        var names = Enumerable.Range(0, json.Random.Next(6)).Select(i => $"m{i}").ToArray();
        var text = json.Object(names.Select(name => (name, json.Value(2))));
        var changes = Enumerable.Range(0, 8).Where(_ => json.Random.Next(2) == 0).Select(i => json.Random.Next(3) switch
        {
            0 => MemberChange.Remove($"m{i}"),
            1 => MemberChange.Default($"m{i}", Value),
            _ => MemberChange.Set($"m{i}", Value),
        }).ToArray();
        using var plan = new SplicePlan();

        var body = Bytes.Of("  " + text);
        MemberEditor.Apply(plan, body, new ByteRange(2, (int)body.Length - 2), changes);

        using var written = plan.Apply(body);
        JsonNode.DeepEquals(JsonNode.Parse(Bytes.Text(written.Sequence)), Edited(text, changes)).ShouldBeTrue(Bytes.Text(written.Sequence));
    }

    [Fact]
    public void Untouched_members_keep_their_bytes()
    {
        var body = Bytes.Of("""{ "a" : 1.50 , "io.mcpactors/x":1,"b":"\u00e9" ,"io.mcpactors/y":2 }""");
        using var plan = new SplicePlan();

        MemberEditor.Apply(plan, body, new ByteRange(0, (int)body.Length), MemberChange.RemovePrefix("io.mcpactors/"), MemberChange.Set("c", "3"u8.ToArray()));

        using var written = plan.Apply(body);
        Bytes.Text(written.Sequence).ShouldBe("""{"c":3, "a" : 1.50,"b":"\u00e9" }""");
    }

    [Fact]
    public void Changes_may_be_planned_in_any_order_but_not_overlap()
    {
        using var plan = new SplicePlan();
        plan.Replace(new ByteRange(6, 2), "YY"u8);
        plan.Insert(6, "<"u8);
        plan.Replace(new ByteRange(0, 1), "X"u8);
        plan.Insert(6, ">"u8);
        plan.Insert(10, "!"u8);

        using var written = plan.Apply(Bytes.Of("0123456789"));

        Bytes.Text(written.Sequence).ShouldBe("X12345<>YY89!");
        Should.Throw<ArgumentException>(() => plan.Remove(new ByteRange(5, 2)));
    }

    [Fact]
    public async Task A_stream_gets_the_same_bytes_as_a_buffer()
    {
        var body = Bytes.InPieces(Encoding.UTF8.GetBytes("0123456789"), new Random(3), 3);
        using var plan = new SplicePlan();
        plan.Replace(new ByteRange(2, 3), 77);
        plan.ReplaceWith(new ByteRange(9, 1), "end"u8.ToArray());
        using var stream = new MemoryStream();

        await plan.WriteToAsync(body, stream, CancellationToken.None);

        Encoding.UTF8.GetString(stream.ToArray()).ShouldBe("017756" + "78end");
    }

    [Fact]
    public void A_long_message_stays_out_of_the_large_object_heap()
    {
        using var buffer = new PooledBuffer();
        var bytes = new byte[1_000_000];
        new Random(1).NextBytes(bytes);

        buffer.Write(bytes);

        foreach (var segment in buffer.Sequence)
        {
            segment.Length.ShouldBeLessThanOrEqualTo(PooledBuffer.LargestSegment);
        }

        buffer.ToArray().ShouldBe(bytes);
        buffer.Clear();
        buffer.Length.ShouldBe(0);
        buffer.Sequence.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Messages_of_our_own_scan()
    {
        using var buffer = new PooledBuffer();

        JsonRpcWriter.Error(buffer, Bytes.Of("\"a\""), 1503, "Circuit of \"search\" is open", json => json.WriteStringValue("é"));
        Bytes.Text(buffer.Sequence).ShouldBe("""{"jsonrpc":"2.0","id":"a","error":{"code":1503,"message":"Circuit of \"search\" is open","data":"é"}}""");

        buffer.Clear();
        JsonRpcWriter.Result(buffer, Bytes.Of("7"), Bytes.Of("""{"x":1}"""));
        Bytes.Text(buffer.Sequence).ShouldBe("""{"jsonrpc":"2.0","id":7,"result":{"x":1}}""");

        buffer.Clear();
        JsonRpcWriter.Request(buffer, 3, "ping");
        JsonRpcScannerTests.Scan(buffer.Sequence).Method.ShouldBe(McpMethod.Ping);
    }

    private static JsonObject Edited(string text, MemberChange[] changes)
    {
        var node = JsonNode.Parse(text)!.AsObject();
        foreach (var change in changes)
        {
            switch (change.Kind)
            {
                case MemberChangeKind.Remove:
                    node.Remove(change.Name);
                    break;
                case MemberChangeKind.Default:
                    node.TryAdd(change.Name, JsonNode.Parse(change.Value.Span));
                    break;
                default:
                    node[change.Name] = JsonNode.Parse(change.Value.Span);
                    break;
            }
        }

        return node;
    }
}
