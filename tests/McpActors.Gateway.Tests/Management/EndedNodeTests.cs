using Akka.Actor;
using McpActors.Gateway.Management;
using Microsoft.AspNetCore.Http;

namespace McpActors.Gateway.Tests.Management;

public sealed class EndedNodeTests : IAsyncDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("ends");
    private readonly CancellationTokenSource _client = new();
    private readonly DefaultHttpContext _context = new() { Response = { Body = new MemoryStream() } };

    public EndedNodeTests() => _context.RequestAborted = _client.Token;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _system.Terminate();
    }

    [Fact]
    public async Task A_request_that_waits_for_an_actor_is_answered_when_the_node_has_ended()
    {
        var waiting = Node().InvokeAsync(_context);
        waiting.IsCompleted.ShouldBeFalse();

        await _system.Terminate();
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));

        _context.Response.StatusCode.ShouldBe(StatusCodes.Status503ServiceUnavailable);
        _context.Response.Body.Position = 0;
        (await new StreamReader(_context.Response.Body).ReadToEndAsync()).ShouldContain("nodeStopping");
    }

    [Fact]
    public async Task A_client_that_leaves_is_not_answered()
    {
        var waiting = Node().InvokeAsync(_context);
        await _client.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
        _context.Response.Body.Length.ShouldBe(0);
    }

    private EndedNode Node() => new(static context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted), _system);
}
