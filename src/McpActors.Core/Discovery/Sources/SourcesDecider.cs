using McpActors.Core.Servers;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Core.Discovery.Sources;

/// <summary>What the coordinator does about a command.</summary>
/// <param name="Event">What must be stored before the reply counts, and what every node hears then; null: nothing.</param>
/// <param name="Reply">The answer, once it is stored.</param>
public sealed record SourcesDecision(ISourcesEvent? Event, IReadOnlyList<ISourcesReply> Reply);

/// <summary>Decides about sources. Pure: the time is an input.</summary>
public static class SourcesDecider
{
    /// <summary>Bytes of one page or report at most.</summary>
    public const int PageBytes = 40 * 1024;

    /// <summary>Longest reason of a judgement, characters.</summary>
    public const int MaxWhy = 500;

    /// <summary>Answers a command.</summary>
    public static SourcesDecision Decide(SourcesState state, ISourcesCommand command, DateTimeOffset now) => command switch
    {
        Sync sync => new SourcesDecision(null, sync.Revision == state.Revision ? [new InStep(state.Revision)] : Pages(state)),
        Report report => DecideReport(state, report, now),
        Forget forget => state.Sources.ContainsKey(forget.Source)
            ? Change(new SourceForgotten(state.Revision + 1, forget.Source, now))
            : Answer(new Stored(state.Revision)),
        Judge judge => DecideJudge(state, judge, now),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is no command about sources."),
    };

    /// <summary>Splits what a source says into reports that fit a message.</summary>
    public static IReadOnlyList<Report> Reports(SourceName source, IReadOnlyList<DiscoveredServer> servers)
    {
        var pages = Chunks(servers, Size);
        IReadOnlyList<ServerId> keep = [.. servers.Select(static server => server.Id)];
        return [.. pages.Select(page => new Report(source, page, null)), new Report(source, [], keep)];
    }

    /// <summary>Everything in pages.</summary>
    public static IReadOnlyList<SourcesPage> Pages(SourcesState state)
    {
        var pages = Chunks([.. state.Items()], static item => 128 + (item.Server is { } server ? Size(server) : 0) + (item.Judgement is { } judgement ? Size(judgement.Server) + (4 * judgement.Why.Length) : 0));
        return [.. pages.Select((items, i) => new SourcesPage(state.Revision, items, i == 0, i == pages.Count - 1))];
    }

    private static SourcesDecision DecideReport(SourcesState state, Report report, DateTimeOffset now)
    {
        var known = state.ServersOf(report.Source);
        DiscoveredServer[] put = [.. report.Servers.Where(server => !known.TryGetValue(server.Id.Value, out var old) || !old.Says(server))];
        ServerId[] dropped = [];
        if (report.Keep is { } keep)
        {
            var kept = keep.ToHashSet();
            dropped = [.. known.Values.Select(static server => server.Id).Where(id => !kept.Contains(id))];
        }

        // An answer without servers is an answer too: the source is known from now on.
        var isNews = put.Length > 0 || dropped.Length > 0 || (report.Keep is not null && !state.Sources.ContainsKey(report.Source));
        return isNews ? Change(new SourceChanged(state.Revision + 1, report.Source, put, dropped, now)) : Answer(new Stored(state.Revision));
    }

    private static SourcesDecision DecideJudge(SourcesState state, Judge judge, DateTimeOffset now)
    {
        var judged = state.JudgedOf(judge.Source, judge.Server);
        var said = state.ServersOf(judge.Source).GetValueOrDefault(judge.Server.Value);
        if (said is { ApprovalReason.Length: 0 } or { Hash.Length: 0 })
            said = null;
        // What is approved can be rejected by its hash, also when its successor waits.
        var subject = judged.Approved is { } approved && !judge.IsApproved && approved.Hash == judge.Hash ? approved.Server : said;
        if (subject is null)
            return Answer(new Missing(judge.Server));
        if (subject.Hash != judge.Hash)
            return Answer(new Refused($"the definition of '{judge.Server}' has changed since it was looked at; look at it again"));
        if (judge.Why.Length > MaxWhy)
            return Answer(new Refused($"the reason takes {judge.Why.Length} characters, at most {MaxWhy} are kept"));
        var isSo = judge.IsApproved ? judged.Approved?.Hash == judge.Hash && judged.Rejected?.Hash != judge.Hash : judged.Rejected?.Hash == judge.Hash;
        return isSo
            ? Answer(new Stored(state.Revision))
            : Change(new Judged(state.Revision + 1, new Judgement(judge.Source, subject, judge.IsApproved, judge.Who, judge.Why, now)));
    }

    /// <summary>About what a server takes in a message.</summary>
    private static int Size(DiscoveredServer server) =>
        512 + (server.Definition?.Length ?? 0) + (4 * (server.Title.Length + server.Name.Length + server.Version.Length + server.ApprovalReason.Length + server.Unavailable.Length))
        + server.Needs.Sum(static need => 16 + (4 * (need.Name.Length + need.Description.Length)));

    private static List<List<T>> Chunks<T>(IReadOnlyList<T> items, Func<T, int> size)
    {
        var chunks = new List<List<T>> { new() };
        var bytes = 0;
        foreach (var item in items)
        {
            var next = size(item);
            if (bytes > 0 && bytes + next > PageBytes)
            {
                chunks.Add([]);
                bytes = 0;
            }

            chunks[^1].Add(item);
            bytes += next;
        }

        return chunks;
    }

    private static SourcesDecision Change(ISourcesEvent @event) => new(@event, [new Stored(@event.Revision)]);

    private static SourcesDecision Answer(ISourcesReply reply) => new(null, [reply]);
}
