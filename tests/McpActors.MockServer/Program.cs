using McpActors.MockServer;

// Usage: McpActors.MockServer --stdio | --urls http://127.0.0.1:PORT
//   [--protocol 2025-03-26|2025-06-18|2025-11-25|2026-07-28|dual] [--answer auto|json|sse] [--behaviour JSON] [--ledger FILE]
//   [--control FILE] [--name NAME] [--no-sessions] [--lost-session 400] [--ttl MS] [--cache-scope public] [--page N] [--ignore-eof] [--delay-start MS]
// {pid} in FILE of --ledger becomes the process id: processes that run at once need files of their own.
// MOCK_BEHAVIOUR, MOCK_LEDGER and MOCK_CONTROL stand in for the options of the same name.
var arguments = new Arguments(args);
var options = arguments.ToOptions();
var startDelay = arguments.Number("--delay-start") ?? 0;
await Task.Delay(TimeSpan.FromMilliseconds(startDelay), options.Time);

if (arguments.Has("--stdio"))
{
    var core = new MockCore(options);
    arguments.Prepare(core);
    using var host = new StdioHost(core, Console.In, Console.OpenStandardOutput());
    core.Ledger.Started();
    await host.RunAsync();
    return;
}

await using var server = await MockMcpServer.StartAsync(options);
server.Core.Crash = Environment.Exit;
arguments.Prepare(server.Core);
Console.WriteLine(server.Url);
var stopped = new TaskCompletionSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopped.TrySetResult();
};
using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stopped.TrySetResult();
});
await stopped.Task;
