using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Persistence;

/// <summary>Reads a server's history through the read side of the journal, so that its actor need not be there.</summary>
internal sealed class ServerHistory : IServerHistory
{
    private const int MaxLimit = 1_000;

    private readonly Lazy<(IReadJournal Journal, ActorMaterializer Streams)> _source;

    // A start of the read side that fails, because the journal is slow, is tried again by the next question.
    public ServerHistory(ActorSystem system) => _source = new Lazy<(IReadJournal, ActorMaterializer)>(
        () => (PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier), system.Materializer()),
        LazyThreadSafetyMode.PublicationOnly);

    public Task<IReadOnlyList<HistoryEntry>> ReadAsync(ServerId server, long after, int limit, CancellationToken ct) => ToldAsync(server, async () =>
    {
        var events = Events(server, after + 1).Take(Math.Clamp(limit, 1, MaxLimit));
        return await events.RunWith(Sink.Seq<HistoryEntry>(), _source.Value.Streams).WaitAsync(ct);
    });

    public Task<IReadOnlyList<HistoryEntry>> ReadLastAsync(ServerId server, int limit, CancellationToken ct) => ToldAsync(server, async () =>
    {
        var most = Math.Clamp(limit, 1, MaxLimit);
        var last = await Events(server, 1).RunAggregate(new Queue<HistoryEntry>(), (kept, entry) =>
        {
            kept.Enqueue(entry);
            if (kept.Count > most)
                kept.Dequeue();
            return kept;
        }, _source.Value.Streams).WaitAsync(ct);
        return [.. last];
    });

    private static async Task<IReadOnlyList<HistoryEntry>> ToldAsync(ServerId server, Func<Task<IReadOnlyList<HistoryEntry>>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception fault) when (StoreFault.IsUnread(fault))
        {
            throw new HistoryUnavailableException($"The history of '{server}' cannot be read now: {StoreFault.Describe(fault)}.", fault);
        }
    }

    private Source<HistoryEntry, NotUsed> Events(ServerId server, long from) =>
        ((ICurrentEventsByPersistenceIdQuery)_source.Value.Journal)
        .CurrentEventsByPersistenceId($"server-{server.Value}", from, long.MaxValue)
        .Select(envelope => ServerHistoryText.Describe(envelope.SequenceNr, envelope.Event));
}
