using BenchmarkDotNet.Running;
using McpActors.Benchmarks.Compare;
using McpActors.Benchmarks.Isolation;
using McpActors.Benchmarks.Servers;
using McpActors.Benchmarks.Sessions;

// micro [BenchmarkDotNet options] BenchmarkDotNet suites of the pure parts
// compare [--seconds N]          the same echo call directly, through nginx, YARP and the gateway, in one go
// workers [--seconds N]          the same load on one, two and three nodes
// isolation [--seconds N]        six good servers of eight, alone and beside one that hangs and one that takes 20 s
// sessions [--sessions N]        managed heap of idle client sessions
// servers [--servers N]          many server actors: managed heap of each, and start and loss of a node of a cluster that has them
// backend URL | yarp URL BACKEND | process   the other processes of 'compare'
return args switch
{
    ["micro", .. var rest] => RunMicro(rest),
    ["compare", .. var rest] => await CompareCommand.RunAsync(rest),
    ["workers", .. var rest] => await WorkersCommand.RunAsync(rest),
    ["isolation", .. var rest] => await IsolationCommand.RunAsync(rest),
    ["sessions", .. var rest] => await SessionsCommand.RunAsync(rest),
    ["servers", .. var rest] => await ServersCommand.RunAsync(rest),
    ["backend", var url] => await EchoBackend.RunAsync(url),
    ["process"] => await EchoProcess.RunAsync(),
    ["yarp", var url, var backend] => await YarpHost.RunAsync(url, backend),
    _ => Usage(),
};

static int RunMicro(string[] rest)
{
    BenchmarkSwitcher.FromAssembly(typeof(CompareCommand).Assembly).Run(rest);
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: micro [options] | compare [--seconds N] [--rounds N] [--warmup N] [--connections 1,16,64] [--tls] [--stdio] | workers [--seconds N] [--rounds N] [--warmup N] | isolation [--seconds N] [--rounds N] | sessions [--sessions N] | servers [--servers N] [--nodes N]");
    return 2;
}
