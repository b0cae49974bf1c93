using McpActors.Core.Servers.Calls;
using McpActors.MockServer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpActors.Transports.Tests.Http;

/// <summary>A lost session that two calls notice at the same time: the report of the one has the connection closed while the other is about to end its streams.</summary>
public sealed class LostTwiceTests
{
    private const int SessionLostEvent = 3001;

    [Fact]
    public async Task Connection_that_is_closed_while_a_call_notices_its_loss_still_says_that_the_session_was_lost()
    {
        // Without a stream, which would notice the loss before the call does.
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Streams = false });
        using var logs = new ClosesOnLoss();
        using var connector = new UpstreamConnector(new TransportSettings(), TimeProvider.System, logs);
        var events = new RecordedEvents();
        await using var connection = await connector.ConnectAsync(
            Models.Request(Models.Http(server.Url)), events, new CancellationTokenSource(Limits.Patience).Token);
        logs.Connection = connection;
        server.ForgetSessions();

        var fault = await connection.FailsAsync(connection.ToolCall("counter"));

        logs.Closed.ShouldBeTrue();
        fault.Result.ShouldBe(AttemptResult.SessionLost);
        fault.ToOutcome(default).HealsByReconnect.ShouldBeTrue();
        (await events.ClosedAsync()).Id.ShouldBe(connection.Id);
        server.Ledger.Count.ShouldBe(0);
    }

    /// <summary>The line about the loss stands between the two steps of it, and so does what this does.</summary>
    private sealed class ClosesOnLoss : ILoggerFactory, ILogger
    {
        public IUpstreamConnection? Connection { get; set; }

        public bool Closed { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id != SessionLostEvent || Connection is not { } connection)
                return;
            using var done = new ManualResetEventSlim();
            _ = Task.Run(async () =>
            {
                await connection.DisposeAsync();
                done.Set();
            });
            Closed = done.Wait(Limits.Patience);
        }

        public void Dispose()
        {
        }
    }
}
