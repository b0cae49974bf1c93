using McpActors.Transports;
using McpActors.Transports.Tests;
using Microsoft.Extensions.Logging.Abstractions;

// A node to be killed: PROTOCOL COMMAND [ARGUMENT …]. Starts that server, says which process it is, and waits for its end.
using var connector = new UpstreamConnector(new TransportSettings(), TimeProvider.System, NullLoggerFactory.Instance);
await using var connection = await connector.ConnectAsync(Models.Request(Models.Stdio(args[1], args[2..]) with { Protocol = args[0] }), new RecordedEvents(), CancellationToken.None);
Console.WriteLine(connection.ProcessId);
await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
