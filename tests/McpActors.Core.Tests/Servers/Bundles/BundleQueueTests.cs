using FsCheck.Xunit;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bundles;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Bundles;

public sealed class BundleQueueTests
{
    private static readonly ServerId Server = new("search");

    private readonly BundleQueue _queue = new(Server);
    private readonly List<BundleProtocol.Said> _sent = [];
    private DateTimeOffset _now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private long _lastCall;

    [Fact]
    public void Single_question_waits_for_nothing_and_neither_does_the_end_of_its_call()
    {
        Say(Question());
        _queue.Answered(Sent().Number, _now).ShouldBeNull();

        Say(End());

        var end = Sent();
        end.Number.ShouldBe(0);
        end.Commands.ShouldHaveSingleItem().ShouldBeOfType<Complete>();
        _queue.NextTick.ShouldBeNull();
    }

    [Fact]
    public void What_comes_while_an_answer_is_awaited_goes_with_it_in_one_message_and_in_order()
    {
        Say(Question());
        var first = Sent();
        IServerCommand[] more = [End(), Question(), End(), Question()];

        Array.ForEach(more, Say);
        _sent.ShouldBeEmpty();
        var next = _queue.Answered(first.Number, _now).ShouldNotBeNull();

        next.Commands.ShouldBe(more);
        next.Number.ShouldNotBe(first.Number);
        _queue.Answered(first.Number, _now).ShouldBeNull();
    }

    [Fact]
    public void Message_without_a_question_is_not_waited_for()
    {
        Say(End());
        Say(End());
        _sent.Count.ShouldBe(2);
    }

    [Fact]
    public void Failure_goes_at_once_and_takes_along_what_was_said_before()
    {
        Say(Question());
        Sent();
        Say(End());
        Say(End(AttemptResult.Timeout));
        Sent().Commands.Count.ShouldBe(2);

        Say(new AttemptFailed(Server, new CallId(1), Outcome(AttemptResult.Timeout), default));
        Sent().Commands.Count.ShouldBe(1);
    }

    [Fact]
    public void Answer_that_does_not_come_is_waited_for_no_longer_than_the_patience()
    {
        Say(Question());
        Sent();
        Say(End());
        var due = _queue.NextTick.ShouldNotBeNull();
        due.ShouldBe(_now + BundleQueue.Patience);

        _queue.Tick(due - TimeSpan.FromTicks(1)).ShouldBeNull();
        _queue.Tick(due).ShouldNotBeNull().Commands.Count.ShouldBe(1);
        _queue.NextTick.ShouldBeNull();
    }

    [Fact]
    public void Full_message_is_sent_whatever_is_awaited()
    {
        Say(Question());
        Sent();
        for (var i = 0; i < BundleQueue.MostCommands; i++)
            Say(End());
        Sent().Commands.Count.ShouldBe(BundleQueue.MostCommands);
    }

    [Fact]
    public void Large_commands_do_not_go_with_others_beyond_the_bound()
    {
        Say(Question());
        Sent();
        Say(End(fill: 10_000));
        Say(End(fill: 10_000));
        Sent().Commands.Count.ShouldBe(1);
        Say(End(fill: BundleQueue.MostBytes));
        _sent.Select(said => said.Commands.Count).ShouldBe([1, 1]);
    }

    [Fact]
    public void With_many_calls_in_hand_messages_keep_their_distance_and_with_few_again_they_do_not()
    {
        for (var i = 1; i < BundleQueue.Crowd; i++)
        {
            Say(Question());
            _queue.Answered(Sent().Number, _now).ShouldBeNull();
        }

        Say(Question());
        _sent.ShouldBeEmpty();
        _queue.NextTick.ShouldBe(_now + BundleQueue.Spacing);
        _now += BundleQueue.Spacing;
        Say(Question());
        var both = Sent();
        both.Commands.Count.ShouldBe(2);

        _queue.Answered(both.Number, _now).ShouldBeNull();
        _queue.Over();
        _queue.Over();
        Say(End());
        Sent().Commands.Count.ShouldBe(1);
    }

    /// <summary>Answers that are late, lost or come twice: whatever was said is sent once, in order, and never later than the patience allows.</summary>
    [Property(MaxTest = 500, EndSize = 300)]
    public void All_that_is_said_is_sent_once_in_order_and_in_time(byte[] script)
    {
        var queue = new BundleQueue(Server);
        var outbox = new List<BundleProtocol.Said>();
        var said = new List<(IServerCommand Command, DateTimeOffset At)>();
        var sent = new List<IServerCommand>();
        var numbers = new List<long>();
        foreach (var step in script)
        {
            switch (step % 6)
            {
                case 0 or 1:
                    Take(step % 2 == 0 ? Question() : End(step % 5 == 0 ? AttemptResult.Timeout : AttemptResult.Success, step * 100));
                    break;
                case 2 or 3 when numbers.Count > 0:
                    if (queue.Answered(numbers[step % numbers.Count], _now) is { } next)
                        outbox.Add(next);
                    break;
                default:
                    _now = queue.NextTick is { } due && step % 3 == 0 ? due : _now.AddMilliseconds(step % 8);
                    if (queue.Tick(_now) is { } late)
                        outbox.Add(late);
                    break;
            }

            foreach (var message in outbox)
            {
                message.Commands.Count.ShouldBeInRange(1, BundleQueue.MostCommands);
                (message.Number != 0).ShouldBe(message.Commands.Any(command => command is Admit));
                sent.AddRange(message.Commands);
                if (message.Number != 0)
                    numbers.Add(message.Number);
            }

            outbox.Clear();
            sent.ShouldBe(said.Take(sent.Count).Select(entry => entry.Command));
            if (sent.Count < said.Count)
                (queue.NextTick <= said[sent.Count].At + BundleQueue.Patience).ShouldBeTrue();
        }

        numbers.ShouldBeUnique();

        void Take(IServerCommand command)
        {
            said.Add((command, _now));
            queue.Say(command, _now, outbox);
        }
    }

    private void Say(IServerCommand command) => _queue.Say(command, _now, _sent);

    private BundleProtocol.Said Sent()
    {
        var said = _sent.ShouldHaveSingleItem();
        _sent.Clear();
        return said;
    }

    private Admit Question() => new(Server, new CallId(++_lastCall), new CallIntent(
        McpMethod.ToolsCall, "echo", SlotKey.Shared, null, new CacheTag(CacheKind.ToolCall), _now.AddSeconds(55)));

    private Complete End(AttemptResult result = AttemptResult.Success, int fill = 0) => new(
        Server, new CallId(++_lastCall), Outcome(result),
        fill == 0 ? null : new CacheFill(new byte[fill], TimeSpan.Zero, default, Core.Protocol.Versions.ProtocolRevision.V20251125));

    private static AttemptOutcome Outcome(AttemptResult result) => new(result, Sent: true, FirstByte: false, TimeSpan.FromMilliseconds(5));
}
