using System.Collections;
using System.Text;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;
using McpActors.Testing;
using McpActors.Transports.Stdio;

namespace McpActors.Transports.Tests.Stdio;

public sealed class SmallPartsTests
{
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":17,"result":{"a":""", "", 17)]
    [InlineData("""{"result":{"id":5,"x":[{"id":6}]},"id":18,"jsonrpc":"2.0" oops""", "", 18)]
    [InlineData("""{"result":{"id":5,"text":"aaa""", """aaa"},"id":19}""", 19)]
    [InlineData("""{"result":{"id":5,"text":"aaa""", """aaa"},"id":20,"jsonrpc":"2.0"}""", 20)]
    [InlineData("""{"result":{"id":5,"text":"aaa""", """aaa","id":21}}""", null)]
    [InlineData("""{"jsonrpc":"2.0","id":"21","result":{""", "", null)]
    [InlineData("not json", "", null)]
    public void An_unusable_answer_is_traced_to_its_request(string head, string tail, int? expected)
        => LostAnswer.IdOf(Encoding.UTF8.GetBytes(head), Encoding.UTF8.GetBytes(tail)).ShouldBe(expected);

    [Fact]
    public void The_tail_of_stderr_keeps_the_end_from_a_whole_line_on()
    {
        var tail = new StderrTail(20);
        tail.Append("first line\n"u8);
        tail.ToString().ShouldBe("first line\n");

        tail.Append("second\nthird\n"u8);

        tail.ToString().ShouldBe("second\nthird\n");
        tail.LastLine().ShouldBe("third");
    }

    [Fact]
    public void The_tail_of_stderr_survives_more_than_it_holds_at_once()
    {
        var tail = new StderrTail(16);

        tail.Append(Encoding.UTF8.GetBytes(new string('x', 100) + "\nthe last line\n"));

        tail.ToString().ShouldBe("the last line\n");
    }

    [Fact]
    public void A_program_is_found_on_the_path_of_the_child_only_if_it_may_be_executed()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Children need POSIX process groups");
        }

        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tool"), "#!/bin/sh\n");

        CommandResolver.Find("tool", null, folder.Path).ShouldBeNull();
        File.SetUnixFileMode(folder.File("tool"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        CommandResolver.Find("tool", null, "/nowhere:" + folder.Path).ShouldBe(folder.File("tool"));
        CommandResolver.Find("./tool", folder.Path, null).ShouldBe(folder.File("tool"));
        CommandResolver.Find("tool", folder.Path, null).ShouldBeNull();
        CommandResolver.Find(folder.File("tool"), null, null).ShouldBe(folder.File("tool"));
    }

    [Fact]
    public void The_environment_of_a_child_holds_the_harmless_and_the_configured()
    {
        IDictionary own = new Hashtable { ["PATH"] = "/bin", ["HOME"] = "/root", ["AWS_SECRET_ACCESS_KEY"] = "x", ["MCPACTORS_URL"] = "y" };

        var environment = ChildEnvironment.Build(own, [new("HOME", "/srv"), new("TOKEN", "t")]);

        environment.ShouldBe(new Dictionary<string, string> { ["PATH"] = "/bin", ["HOME"] = "/srv", ["TOKEN"] = "t" }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_reader_that_is_slow_loses_the_oldest_notifications_but_not_the_response()
    {
        using var queue = new MessageQueue();
        for (var number = 0; number < 1000; number++)
        {
            queue.Add(Message(number, isResponse: false));
        }

        queue.Add(Message(1000, isResponse: true));

        var first = await queue.TakeAsync(default);
        Number(first).ShouldBe(745);
        var last = first;
        while (!last.IsResponse)
        {
            last.Bytes.Dispose();
            last = await queue.TakeAsync(default);
        }

        Number(last).ShouldBe(1000);
        last.Bytes.Dispose();
    }

    [Fact]
    public async Task A_wait_that_was_cancelled_leaves_the_queue_usable()
    {
        using var queue = new MessageQueue();
        for (var round = 0; round < 100; round++)
        {
            using var caller = new CancellationTokenSource();
            var waiting = queue.TakeAsync(caller.Token).AsTask();
            waiting.IsCompleted.ShouldBeFalse();
            await Task.WhenAll(caller.CancelAsync(), Task.Run(() => queue.Add(Message(round, isResponse: false))));
            var delivered = await Record.ExceptionAsync(() => waiting) is null ? await waiting : await queue.TakeAsync(default);
            Number(delivered).ShouldBe(round);
            delivered.Bytes.Dispose();
        }
    }

    [Fact]
    public async Task What_came_before_a_fault_is_delivered_before_it()
    {
        using var queue = new MessageQueue();
        queue.Add(Message(1, isResponse: false));
        queue.Fail(new UpstreamException(AttemptResult.ProcessLost, "gone"));

        (await queue.TakeAsync(default)).Bytes.Dispose();
        var fault = await Should.ThrowAsync<UpstreamException>(async () => await queue.TakeAsync(default));

        fault.Result.ShouldBe(AttemptResult.ProcessLost);
    }

    private static ReceivedMessage Message(int number, bool isResponse)
    {
        var bytes = new PooledBuffer();
        bytes.Write(Encoding.UTF8.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return new ReceivedMessage(new JsonRpcEnvelope(), bytes, isResponse);
    }

    private static int Number(ReceivedMessage message)
        => int.Parse(Encoding.UTF8.GetString(message.Bytes.ToArray()), System.Globalization.CultureInfo.InvariantCulture);
}
