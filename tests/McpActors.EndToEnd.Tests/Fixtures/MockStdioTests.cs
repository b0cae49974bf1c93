using System.Diagnostics;
using System.Text.Json.Nodes;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Fixtures;

/// <summary>The mock server as a program on stdio, and over HTTP with its control interface.</summary>
public sealed class MockStdioTests
{
    private const string Initialize = """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Rules_of_the_command_line_act_in_turn()
    {
        using var server = Peer.Start("--behaviour", """
            [{"kind":"RpcError","code":-32603,"body":"first","tool":"echo","times":1},
             {"kind":"MismatchedId","tool":"echo","times":1},
             {"kind":"GarbageStdout","body":"no json","tool":"echo","times":1},
             {"kind":"Malformed","tool":"echo","times":1},
             {"kind":"LeakStderr","body":"a secret","tool":"echo","times":1}]
            """);
        await server.AskAsync(Initialize);

        ((int)JsonNode.Parse(await server.AskAsync(Call(1, "echo")))!["error"]!["code"]!).ShouldBe(-32603);
        ((string?)JsonNode.Parse(await server.AskAsync(Call(2, "echo")))!["id"]).ShouldBe("not-2");
        (await server.AskAsync(Call(3, "echo"))).ShouldBe("no json");
        (await server.ReadAsync()).ShouldContain("\"id\":3");
        Should.Throw<System.Text.Json.JsonException>(await IsBrokenAsync(server));
        (await server.AskAsync(Call(5, "echo"))).ShouldContain("\"id\":5");
        (await server.ReadErrorAsync()).ShouldBe("a secret");
    }

    [Theory]
    [InlineData("Crash", 3)]
    [InlineData("Cut", 1)]
    [InlineData("Disconnect", 0)]
    public async Task Process_ends_in_the_middle_of_a_call_after_its_effect(string kind, int exitCode)
    {
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.jsonl");
        using var server = Peer.Start("--ledger", ledger, "--behaviour", $$"""[{"kind":"{{kind}}","code":3,"execute":true,"tool":"counter"}]""");
        await server.AskAsync(Initialize);

        await server.WriteAsync(Call(1, "counter"));

        (await server.ExitCodeAsync()).ShouldBe(exitCode);
        Ledger.ReadFile(ledger).Count.ShouldBe(1);
    }

    [Fact]
    public async Task End_of_input_ends_it_unless_it_is_told_to_ignore_it()
    {
        using var folder = new TemporaryFolder();
        using var obedient = Peer.Start();
        using var stubborn = Peer.Start("--ignore-eof", "--control", folder.File("control.json"));
        await obedient.AskAsync(Initialize);
        await stubborn.AskAsync(Initialize);

        obedient.EndInput();
        stubborn.EndInput();

        (await obedient.ExitCodeAsync()).ShouldBe(0);
        await File.WriteAllTextAsync(folder.File("control.json"), """{"command":"stdout","text":"still here"}""");
        (await stubborn.ReadAsync()).ShouldBe("still here");
    }

    [Fact]
    public async Task Control_file_changes_a_running_server()
    {
        using var folder = new TemporaryFolder();
        using var server = Peer.Start("--control", folder.File("control.json"));
        await server.AskAsync(Initialize);

        await File.WriteAllTextAsync(folder.File("control.json"), """{"command":"tool","name":"added"}""");

        (await server.ReadAsync()).ShouldContain("notifications/tools/list_changed");
        (await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""")).ShouldContain("\"added\"");
    }

    [Fact]
    public async Task Control_interface_over_http_refuses_forgets_and_shows_the_ledger()
    {
        using var server = Peer.StartHttp();
        var url = new Uri((await server.ReadAsync()).Trim());
        using var http = new HttpClient();
        (await http.PostAsync(new Uri(url, "/control/fault"), new StringContent("""{"kind":"Status","status":500,"times":1}"""))).EnsureSuccessStatusCode();

        var faulty = await http.PostAsync(url, new StringContent("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""));

        ((int)faulty.StatusCode).ShouldBe(500);
        var ledger = JsonNode.Parse(await http.GetStringAsync(new Uri(url, "/control/ledger")))!;
        ((int)ledger["requests"]!["tools/list"]!).ShouldBe(1);
    }

    private static string Call(int id, string tool) =>
        $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{"token":"t"} } }""";

    private static async Task<Action> IsBrokenAsync(Peer server)
    {
        var line = await server.AskAsync(Call(4, "echo"));
        return () => { JsonNode.Parse(line); };
    }

    /// <summary>The other end of the pipes of a mock server.</summary>
    private sealed class Peer : IDisposable
    {
        private readonly Process _process;

        private Peer(params string[] arguments) => _process = Process.Start(new ProcessStartInfo(MockServerProgram.Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

        public static Peer Start(params string[] more) => new(["--stdio", "--protocol", "2025-11-25", .. more]);

        public static Peer StartHttp() => new("--urls", "http://127.0.0.1:0");

        public async Task WriteAsync(string line)
        {
            await _process.StandardInput.WriteLineAsync(line).WaitAsync(s_limit);
            await _process.StandardInput.FlushAsync();
        }

        public async Task<string> AskAsync(string line)
        {
            await WriteAsync(line);
            return await ReadAsync();
        }

        public async Task<string> ReadAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(s_limit) ?? "";

        public async Task<string> ReadErrorAsync() => await _process.StandardError.ReadLineAsync().WaitAsync(s_limit) ?? "";

        public void EndInput() => _process.StandardInput.Close();

        public async Task<int> ExitCodeAsync()
        {
            await _process.WaitForExitAsync().WaitAsync(s_limit);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill();
            _process.Dispose();
        }
    }
}
