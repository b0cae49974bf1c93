using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Gateway.Front;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpActors.Gateway.Tests.Front.Mcp;

/// <summary>Requests that their client cancels, on routes that end them without a word and on routes that throw.</summary>
public sealed class CancelledRequestTests
{
    private static readonly FrontSettings Settings = FrontSettings.From(LimitOptions.Default);
    private static readonly ReadOnlySequence<byte> Done = new("""{"done":true}"""u8.ToArray());

    private readonly InFlightCalls _inFlight = new();
    private readonly TaskCompletionSource _begun = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_batch_is_answered_without_the_request_that_was_cancelled(bool throws)
    {
        var http = Http();
        var batch = BatchAsync(http, Route(throws), Call(1, "tools/list"), Call(2, "tools/call"));
        await _begun.Task;

        _inFlight.Cancel(RouteDouble.Session.Id, "1").ShouldBeTrue();
        await batch;

        http.Response.StatusCode.ShouldBe(200);
        var answer = JsonNode.Parse(Text(http))!.AsArray().ShouldHaveSingleItem()!;
        ((int)answer["id"]!).ShouldBe(2);
    }

    [Fact]
    public async Task A_batch_that_was_cancelled_as_a_whole_is_accepted_and_has_no_answer()
    {
        var http = Http();
        var batch = BatchAsync(http, Route(throws: true), Call(1, "tools/list"));
        await _begun.Task;

        _inFlight.Cancel(RouteDouble.Session.Id, "1").ShouldBeTrue();
        await batch;

        http.Response.StatusCode.ShouldBe(202);
        Text(http).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_that_was_cancelled_ends_without_a_fault_and_is_forgotten()
    {
        var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(Call(1, "tools/list")));
        var message = new McpMessage(JsonRpcScanner.Scan(body, Settings.RequestLimits).Envelope, body, Caller());
        var answer = new BufferAnswer(message.Id);
        using var buffer = answer.Buffer;
        var request = Requests().RequestAsync(Route(throws: true), message, answer).AsTask();
        await _begun.Task;

        _inFlight.Cancel(RouteDouble.Session.Id, "1").ShouldBeTrue();
        await request;

        answer.Started.ShouldBeFalse();
        _inFlight.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_wait_that_somebody_else_ended_is_still_a_fault()
    {
        var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(Call(1, "tools/list")));
        var message = new McpMessage(JsonRpcScanner.Scan(body, Settings.RequestLimits).Envelope, body, Caller());
        var answer = new BufferAnswer(message.Id);
        using var buffer = answer.Buffer;

        await Should.ThrowAsync<OperationCanceledException>(Requests().RequestAsync(new RouteDouble(static (_, _, _) => throw new OperationCanceledException()), message, answer).AsTask());
    }

    private static string Call(int id, string method) => $$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}"}""";

    private static Caller Caller() => new(RouteDouble.Session.ProtocolRevision, RouteDouble.Session, RouteDouble.Session.Principal);

    private static DefaultHttpContext Http()
    {
        var http = new DefaultHttpContext();
        http.Response.Body = new MemoryStream();
        return http;
    }

    private static string Text(HttpContext http) => Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());

    private Task BatchAsync(HttpContext http, RouteDouble route, params string[] messages)
    {
        var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($"[{string.Join(',', messages)}]"));
        return new BatchPost(Settings, Requests(), Traffic()).HandleAsync(http, route, body, Caller());
    }

    private LegacyPost Requests() => new(Settings, null!, null!, Traffic(), TimeProvider.System);

    private SessionTraffic Traffic() => new(null!, null!, null!, _inFlight, NullLogger<SessionTraffic>.Instance);

    /// <summary>Waits with a list until it is cancelled, and answers all else.</summary>
    private RouteDouble Route(bool throws) => new(async (message, writer, ct) =>
    {
        if (message.Envelope.Method != McpMethod.ToolsList)
        {
            using var body = new PooledBuffer();
            JsonRpcWriter.Result(body, message.Id, Done);
            await writer.ResponseAsync(new DownstreamAnswer(message.Envelope, body.Sequence, null), ct);
            return;
        }

        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = ct.Register(cancelled.SetResult);
        _begun.SetResult();
        await cancelled.Task;
        if (throws)
            ct.ThrowIfCancellationRequested();
    });
}
