using Akka.Actor;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Cluster.Tests.Nodes;

/// <summary>Questions that nobody answers, because they or their answers got lost.</summary>
public sealed class QuestionsAnewTests : TestKit
{
    private const int Other = 7;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly NodeDirectory _nodes = new();
    private readonly QuestionsAnew _anew;

    public QuestionsAnewTests()
    {
        _nodes.Add(new NodeCard(Other, new Uri("http://node.invalid"), "token"));
        _anew = new QuestionsAnew(_nodes, _time);
    }

    [Fact]
    public async Task A_question_that_got_lost_is_asked_anew_after_a_while_and_then_more_seldom()
    {
        var answer = _anew.AskAsync(_ => AskAsync("question"), AskAnew.AfterSilence);
        ExpectMsg("question");

        await ExpectAfterAsync(TimeSpan.FromSeconds(3));
        await ExpectAfterAsync(TimeSpan.FromSeconds(3));
        await ExpectAfterAsync(TimeSpan.FromSeconds(6));
        LastSender.Tell("answer");

        (await answer).ShouldBe(new Answered<string>("answer", AskedAnew: true));
    }

    [Fact]
    public async Task The_first_question_is_still_answered_when_another_was_asked()
    {
        var answer = _anew.AskAsync(_ => AskAsync("question"), AskAnew.AfterSilence);
        ExpectMsg("question");
        var first = LastSender;
        await ExpectAfterAsync(TimeSpan.FromSeconds(3));

        first.Tell("answer");

        (await answer).ShouldBe(new Answered<string>("answer", AskedAnew: true));
    }

    [Fact]
    public async Task A_question_that_must_not_be_repeated_waits_for_a_loss_and_is_another_one_then()
    {
        var number = 0;
        var answer = _anew.AskAsync(_ => AskAsync($"question {++number}"), AskAnew.AfterLoss);
        ExpectMsg("question 1");
        _time.Advance(TimeSpan.FromSeconds(30));
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));

        _nodes.TellLoss(Other);

        ExpectMsg("question 2");
        LastSender.Tell("answer");
        (await answer).ShouldBe(new Answered<string>("answer", AskedAnew: true));
    }

    [Fact]
    public async Task Only_the_loss_of_its_owner_matters_to_a_question_for_that_owner()
    {
        var answer = _anew.AskAsync(_ => AskAsync("question"), AskAnew.AfterLoss, Other);
        ExpectMsg("question");
        _nodes.TellLoss(8);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));

        _nodes.TellLoss(Other);

        ExpectMsg("question");
        LastSender.Tell("answer");
        (await answer).ShouldBe(new Answered<string>("answer", AskedAnew: true));
    }

    [Fact]
    public async Task An_owner_that_was_gone_before_the_question_is_not_asked()
    {
        _nodes.TellLoss(Other);
        var answer = _anew.AskAsync(again => AskAsync(again ? "another question" : "question"), AskAnew.AfterLoss, Other);

        ExpectMsg("another question");

        LastSender.Tell("answer");
        (await answer).ShouldBe(new Answered<string>("answer", AskedAnew: true));
    }

    [Fact]
    public async Task The_loss_of_an_owner_is_seen_also_when_another_node_is_lost_at_the_same_time()
    {
        var answer = _anew.AskAsync(again => AskAsync(again ? "another question" : "question"), AskAnew.AfterLoss, Other);
        ExpectMsg("question");

        _nodes.TellLoss(8);
        _nodes.TellLoss(Other);

        ExpectMsg("another question");
        LastSender.Tell("answer");
        (await answer).ShouldBe(new Answered<string>("answer", AskedAnew: true));
    }

    private Task<string> AskAsync(string question) => TestActor.Ask<string>(question, Limit);

    // The delay is begun on another thread: time passes until it is due.
    private async Task ExpectAfterAsync(TimeSpan time)
    {
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        _time.Advance(time);
        await AwaitConditionAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            return Task.FromResult(HasMessages);
        });
        ExpectMsg("question");
    }
}
