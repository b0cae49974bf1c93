using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>Everything of one mock server that outlives its listener, shared by both transports.</summary>
internal sealed class MockCore
{
    public MockCore(MockOptions options)
    {
        Options = options;
        Ledger = new Ledger(options);
        Sessions = new Sessions(Ledger);
        Tools = new ToolSet(StandardTools.Create(options, Ledger, code => Crash(code)));
        Tools.Changed += (_, _) => Sessions.ListChanged("tools");
        Dispatcher = new Dispatcher(options, Tools, Ledger, Sessions);
    }

    public MockOptions Options { get; }

    public Ledger Ledger { get; }

    public Sessions Sessions { get; }

    public ToolSet Tools { get; }

    public Dispatcher Dispatcher { get; }

    public Behaviour Behaviour { get; } = new();

    /// <summary>What a crash does: a program exits, an in-process server aborts its connections.</summary>
    public Action<int> Crash { get; set; } = Environment.Exit;

    /// <summary>Refuses connections for a while; only a listener can.</summary>
    public Func<TimeSpan, Task> RefuseAsync { get; set; } = _ => Task.CompletedTask;

    /// <summary>Writes a line to standard output beside the protocol; only stdio does.</summary>
    public Func<string, Task> WriteGarbageAsync { get; set; } = _ => Task.CompletedTask;

    /// <summary>The part of a fault that comes before the request is looked at.</summary>
    public async Task BeforeAsync(Fault? fault, CancellationToken cancellation)
    {
        switch (fault?.Kind)
        {
            case FaultKind.Delay:
                await Task.Delay(TimeSpan.FromMilliseconds(fault.Ms), Options.Time, cancellation);
                break;
            case FaultKind.Hold:
                await Behaviour.WaitAsync(fault.Gate, cancellation);
                break;
            case FaultKind.ForgetSessions:
                Sessions.Forget();
                break;
            case FaultKind.LeakStderr:
                await Console.Error.WriteLineAsync(fault.Body ?? new string('e', Math.Max(1, fault.Bytes)));
                break;
            case FaultKind.GarbageStdout:
                await WriteGarbageAsync(fault.Body ?? "this line is no JSON");
                break;
            default:
                break;
        }
    }

    /// <summary>Whether a fault stands in for the answer, before the tool runs or after it.</summary>
    public static bool Refuses(Fault? fault) =>
        fault?.Kind is FaultKind.Hang or FaultKind.Status or FaultKind.Disconnect or FaultKind.RpcError or FaultKind.Crash;

    /// <summary>The answer as a fault would have it: another id, too large, or not JSON at all.</summary>
    public static string Mangle(JsonObject response, Fault? fault)
    {
        switch (fault?.Kind)
        {
            case FaultKind.MismatchedId:
                response["id"] = $"not-{response["id"]}";
                break;
            case FaultKind.Oversize:
                response["result"] = ToolResults.Text(new string('o', fault.Bytes));
                break;
            case FaultKind.Malformed:
                return $"{{\"jsonrpc\":\"2.0\",\"id\":{response["id"]?.ToJsonString()},\"result\":{{{{\"content\":";
            default:
                break;
        }

        return response.ToJsonString();
    }

    /// <summary>Method and tool of a message, as rules and ledger name them.</summary>
    public static (string Method, string? Tool) NameOf(JsonObject message)
    {
        var method = (string?)message["method"] ?? "(response)";
        return (method, method == "tools/call" ? (string?)message["params"]?["name"] : null);
    }
}
