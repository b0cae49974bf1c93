using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using McpActors.Core.Protocol.Bridging;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using Xunit.Abstractions;

namespace McpActors.Core.Tests.Protocol.JsonRpc;

/// <summary>What a scan and a rewrite cost. Allocation is asserted; time is printed, for it depends on the machine.</summary>
public sealed class ScanCostTests(ITestOutputHelper output)
{
    private const int Rounds = 25;

    [Fact]
    public void A_scan_into_a_used_envelope_allocates_nothing()
    {
        var call = new ReadOnlySequence<byte>(ToolCall(500));
        var pieces = Bytes.InPieces(ToolCall(500), new Random(1), 200);
        var response = new ReadOnlySequence<byte>(Response(50_000));
        var envelope = new JsonRpcEnvelope();

        Measure("scan of a 500 B tools/call", () => JsonRpcScanner.Scan(call, JsonLimits.Request, envelope)).ShouldBe(0);
        Measure("the same in pieces", () => JsonRpcScanner.Scan(pieces, JsonLimits.Request, envelope)).ShouldBe(0);
        Measure("scan of a 50 KB result", () => JsonRpcScanner.Scan(response, JsonLimits.Upstream, envelope), perRound: 5).ShouldBe(0);
        envelope.Kind.ShouldBe(JsonRpcKind.Response);
    }

    [Theory]
    [InlineData("2026-07-28", "2026-07-28")]
    [InlineData("2026-07-28", "2025-11-25")]
    [InlineData("2025-11-25", "2026-07-28")]
    [InlineData("2025-11-25", "2025-11-25")]
    public void A_rewrite_allocates_little(string caller, string upstream)
    {
        var call = new ReadOnlySequence<byte>(ToolCall(500));
        var envelope = JsonRpcScannerTests.Scan(call);
        var context = new RequestContext
        {
            Caller = ProtocolRevision.Parse(caller),
            Upstream = ProtocolRevision.Parse(upstream),
            Id = 123,
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        var target = new ArrayBufferWriter<byte>(4096);
        using var plan = new SplicePlan();

        var allocated = Measure($"rewrite from {caller} to {upstream}", () =>
        {
            plan.Clear();
            target.ResetWrittenCount();
            RequestTranslator.Translate(context, call, envelope, plan);
            plan.WriteTo(call, target);
        });

        allocated.ShouldBeLessThan(600);
    }

    // The quickest of many short rounds: on a busy machine a mean says more about the neighbours.
    private long Measure(string what, Action action, int perRound = 200)
    {
        Run(action, perRound);
        var allocated = long.MaxValue;
        var quickest = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            Run(action, perRound);
            quickest = Math.Min(quickest, Stopwatch.GetElapsedTime(started).TotalNanoseconds / perRound);
            allocated = Math.Min(allocated, (GC.GetAllocatedBytesForCurrentThread() - before) / perRound);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {quickest:F0} ns, {allocated} B"));
        return allocated;
    }

    private static void Run(Action action, int times)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }

    private static byte[] ToolCall(int length)
    {
        const string Head = """{"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}},"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1.0"},"progressToken":5},"name":"echo","arguments":{"message":"hello","count":3,"deep":{"list":[1,2,3]},"text":" """;
        const string Tail = "\"}}}";
        return Encoding.UTF8.GetBytes(Head + new string('x', length - Head.Length - Tail.Length) + Tail);
    }

    private static byte[] Response(int length)
    {
        var items = string.Join(',', Enumerable.Range(0, length / 100).Select(i => $$"""{"type":"text","text":"{{new string('x', 60)}} \n {{i.ToString(CultureInfo.InvariantCulture)}}"}"""));
        return Encoding.UTF8.GetBytes($$"""{"result":{"content":[{{items}}]},"jsonrpc":"2.0","id":17}""");
    }
}
