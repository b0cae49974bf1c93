using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Benchmarks.Micro;

/// <summary>What is done with the bytes of a call: the strict scan of a request and of a large answer, and the change of an id. Goal: no allocation.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class EnvelopeBenchmarks : IDisposable
{
    private readonly ReadOnlySequence<byte> _call = new(Encoding.UTF8.GetBytes(
        """{"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"name":"search","arguments":{"query":"how to make calls dependable","limit":10,"filters":{"language":"en","since":"2026-01-01"}},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}"""));

    private readonly ReadOnlySequence<byte> _answer = new(Encoding.UTF8.GetBytes(
        "{\"jsonrpc\":\"2.0\",\"id\":17,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"" + new string('x', 50_000) + "\"}],\"isError\":false}}"));

    private readonly JsonRpcEnvelope _envelope = new();
    private readonly SplicePlan _plan = new();
    private readonly ArrayBufferWriter<byte> _output = new(1024);

    /// <inheritdoc />
    public void Dispose()
    {
        _plan.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A tool call of about 450 bytes.</summary>
    [Benchmark(Baseline = true)]
    public bool ScanCall() => JsonRpcScanner.Scan(_call, JsonLimits.Request, _envelope).Kind == JsonRpcScanKind.Message;

    /// <summary>An answer of 50 KB.</summary>
    [Benchmark]
    public bool ScanLargeAnswer() => JsonRpcScanner.Scan(_answer, JsonLimits.Upstream, _envelope).Kind == JsonRpcScanKind.Message;

    /// <summary>Scan, another id, and the bytes that go out.</summary>
    [Benchmark]
    public int ScanAndSplice()
    {
        JsonRpcScanner.Scan(_call, JsonLimits.Request, _envelope);
        _plan.Clear();
        _plan.Replace(_envelope.Id, 4_711L);
        _output.ResetWrittenCount();
        _plan.WriteTo(_call, _output);
        return _output.WrittenCount;
    }
}
