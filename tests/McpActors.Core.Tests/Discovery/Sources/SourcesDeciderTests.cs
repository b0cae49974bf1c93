using System.Text;
using FsCheck.Xunit;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Routing;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Core.Tests.Discovery.Sources;

public sealed class SourcesDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private static readonly SourceName Acme = new(ServerSource.Registry, "acme");
    private static readonly SourceName Other = new(ServerSource.Docker, "node:1");

    /// <summary>Any commands: replay, a node that follows the events and a node that asks for all hold the same.</summary>
    [Property(MaxTest = 500)]
    public void Events_and_pages_and_replay_agree(byte[] script)
    {
        var state = SourcesState.Initial;
        var events = new List<ISourcesEvent>();
        foreach (var step in script ?? [])
        {
            if (SourcesDecider.Decide(state, Command(state, step), Now).Event is not { } change)
                continue;
            events.Add(change);
            state = state.Evolve(change);
        }

        Text(events.Aggregate(SourcesState.Initial, (current, next) => current.Evolve(next))).ShouldBe(Text(state));
        var pages = SourcesDecider.Pages(state);
        Text(SourcesState.From(pages[^1].Revision, pages.SelectMany(page => page.Items))).ShouldBe(Text(state));
    }

    /// <summary>Any two lists: reporting them in pages one after the other leaves exactly the second; saying it again is no event.</summary>
    [Property(MaxTest = 200)]
    public void A_report_leaves_exactly_what_it_says(byte[] before, byte[] after)
    {
        var state = Report(Report(SourcesState.Initial, Servers(before)), Servers(after));

        state.ServersOf(Acme).Values.Select(server => (server.Id.Value, server.Hash)).ShouldBe(Servers(after).Select(server => (server.Id.Value, server.Hash)));
        Report(state, Servers(after)).Revision.ShouldBe(state.Revision);
    }

    [Fact]
    public void Large_sources_travel_in_reports_and_pages_below_the_limit_of_a_message()
    {
        var servers = Enumerable.Range(0, 40).Select(i => Server("s" + i, new string('x', 15_000))).ToList();
        var reports = SourcesDecider.Reports(Acme, servers);

        reports.ShouldAllBe(report => report.Servers.Sum(server => server.Definition!.Value.Length) <= SourcesDecider.PageBytes);
        var pages = SourcesDecider.Pages(Report(SourcesState.Initial, servers));
        pages.Count.ShouldBeGreaterThan(10);
        pages.ShouldAllBe(page => page.Items.Sum(item => item.Server == null ? 0 : item.Server.Definition!.Value.Length) <= SourcesDecider.PageBytes);
    }

    [Fact]
    public void An_approval_is_bound_to_the_definition_that_was_looked_at()
    {
        var state = Report(SourcesState.Initial, [Server("x", "1")]);
        var seen = state.ServersOf(Acme)["x"].Hash;
        var changed = Report(state, [Server("x", "2")]);

        SourcesDecider.Decide(changed, Judge(seen, true), Now).Reply.ShouldHaveSingleItem().ShouldBeOfType<Refused>().Reason.ShouldContain("changed");
        SourcesDecider.Decide(state, Judge(seen, true), Now).Event.ShouldBeOfType<Judged>();
    }

    [Fact]
    public void What_nobody_must_approve_cannot_be_approved()
    {
        var state = Report(SourcesState.Initial, [Server("x", "1") with { ApprovalReason = "" }]);

        SourcesDecider.Decide(state, Judge(state.ServersOf(Acme)["x"].Hash, true), Now).Reply.ShouldHaveSingleItem().ShouldBeOfType<Missing>();
    }

    [Fact]
    public void Rejecting_the_successor_leaves_the_approval_and_rejecting_the_approved_takes_it_back()
    {
        var state = Report(SourcesState.Initial, [Server("x", "1")]);
        var first = state.ServersOf(Acme)["x"].Hash;
        state = Fold(state, Judge(first, true));
        state = Report(state, [Server("x", "2")]);
        state = Fold(state, Judge(state.ServersOf(Acme)["x"].Hash, false));

        state.JudgedOf(Acme, new ServerId("x")).Approved!.Hash.ShouldBe(first);
        state = Fold(state, Judge(first, false));
        state.JudgedOf(Acme, new ServerId("x")).Approved.ShouldBeNull();
    }

    private static SourcesState Report(SourcesState state, IReadOnlyList<DiscoveredServer> servers) => SourcesDecider.Reports(Acme, servers).Aggregate(state, Fold);

    private static SourcesState Fold(SourcesState state, ISourcesCommand command) =>
        SourcesDecider.Decide(state, command, Now).Event is { } change ? state.Evolve(change) : state;

    private static Judge Judge(string hash, bool approve) =>
        new() { Source = Acme, Server = new ServerId("x"), Hash = hash, IsApproved = approve, Who = "me", Why = "" };

    private static ISourcesCommand Command(SourcesState state, byte step)
    {
        var source = step % 2 == 0 ? Acme : Other;
        var id = new ServerId("s" + (step / 2 % 3));
        var said = state.ServersOf(source).GetValueOrDefault(id.Value);
        return (step / 6 % 6) switch
        {
            0 or 1 => new Report(source, [Server(id.Value, "v" + (step / 36))], null),
            2 => new Report(source, [], [id]),
            3 => new Forget(source),
            4 => new Judge { Source = source, Server = id, Hash = said?.Hash ?? "none", IsApproved = step > 128, Who = "me", Why = "why" },
            _ => new Judge { Source = source, Server = id, Hash = state.JudgedOf(source, id).Approved?.Hash ?? "none", IsApproved = false, Who = "me", Why = "" },
        };
    }

    private static List<DiscoveredServer> Servers(byte[] script) =>
        [.. (script ?? []).Select(step => Server("s" + (step % 16), "v" + (step / 16))).DistinctBy(server => server.Id).OrderBy(server => server.Id.Value, StringComparer.Ordinal)];

    private static DiscoveredServer Server(string id, string definition) =>
        new(new ServerId(id), "a.b/" + id) { Title = id, Definition = Encoding.UTF8.GetBytes(definition), ApprovalReason = "starts a process" };

    private static string Text(SourcesState state) => state.Revision + "\n" + string.Join('\n', state.Items().Select(item =>
        $"{item.Source} {item.Server?.Id} {item.Server?.Hash} {item.Judgement?.Server.Id} {item.Judgement?.Hash} {item.Judgement?.IsApproved} {item.Judgement?.Why}"));
}
