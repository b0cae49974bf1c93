using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Remote;

namespace McpActors.Transports.Tests.Remote;

/// <summary>Calls to a process of another node, when that node is halted or cut off: no connection breaks, so the news of its end must end them.</summary>
public sealed class RemoteConnectionTests : IDisposable
{
    private readonly Silent _node = new();
    private readonly CancellationTokenSource _nodeEnd = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_under_way_ends_with_its_node_and_may_have_run(bool answering)
    {
        _node.Answers = answering;
        var call = CallAsync(Soon);
        await _node.Reached.Task.WaitAsync(Soon);
        call.IsCompleted.ShouldBeFalse();

        await _nodeEnd.CancelAsync();

        var lost = await Should.ThrowAsync<UpstreamException>(call);
        lost.Result.ShouldBe(AttemptResult.NodeLost);
        lost.Sent.ShouldBeTrue();
    }

    [Fact]
    public async Task A_caller_that_leaves_is_told_so_and_not_that_the_node_is_lost()
    {
        using var caller = new CancellationTokenSource();
        var call = CallAsync(caller.Token);
        await _node.Reached.Task.WaitAsync(Soon);

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_node_that_is_gone()
    {
        await _nodeEnd.CancelAsync();

        var lost = await Should.ThrowAsync<UpstreamException>(CallAsync(Soon));

        lost.Result.ShouldBe(AttemptResult.NodeLost);
        lost.Sent.ShouldBeFalse();
        _node.Reached.Task.IsCompleted.ShouldBeFalse();
    }

    public void Dispose()
    {
        _node.Dispose();
        _nodeEnd.Dispose();
    }

    private async Task CallAsync(CancellationToken ct)
    {
        using var http = new HttpMessageInvoker(_node, disposeHandler: false);
        var peer = new PeerInfo(ProtocolRevision.V20250618, "{}"u8.ToArray(), "{}"u8.ToArray(), null);
        var loan = new ConnectionLoan(peer, null, IsProcess: true, 1, ConnectionLoan.UsualIds);
        var node = new NodeLink(http, static (method, path) => new HttpRequestMessage(method, "http://node.invalid" + path), _nodeEnd.Token);
        var connection = new RemoteConnection(new ConnectionId(1), loan, node, new TransportSettings());
        var request = new UpstreamRequest
        {
            Body = new ReadOnlySequence<byte>("""{"jsonrpc":"2.0","id":1,"method":"tools/call"}"""u8.ToArray()),
            Id = connection.NextRequestId(),
            Method = McpMethod.ToolsCall,
        };
        await using var exchange = await connection.SendAsync(request, ct);
        await exchange.ReadAsync(ct);
    }

    /// <summary>A node that takes a call and says no more; it may have begun its answer.</summary>
    private sealed class Silent : HttpMessageHandler
    {
        private readonly Pipe _answer = new();

        public bool Answers { get; set; }

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
            Reached.SetResult();
            if (!Answers)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(_answer.Reader.AsStream()) };
        }
    }
}
