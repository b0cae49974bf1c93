using System.Collections.Immutable;
using static McpActors.Core.Security.Keys.KeyProtocol;

namespace McpActors.Core.Security.Keys;

/// <summary>The keys of the cluster: the fold of the registry's events. Also its snapshot.</summary>
public sealed record KeyState
{
    /// <summary>Before the first key.</summary>
    public static KeyState Initial { get; } = new();

    /// <summary>How long an expired key is kept, to be seen: 7 days.</summary>
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(7);

    /// <summary>Grows by one with each change.</summary>
    public long Revision { get; init; }

    /// <summary>The keys by id.</summary>
    public ImmutableSortedDictionary<string, ApiKey> Keys { get; init; } = ImmutableSortedDictionary.Create<string, ApiKey>(StringComparer.Ordinal);

    /// <summary>The state after <paramref name="event"/>.</summary>
    /// <exception cref="InvalidOperationException">The event cannot follow upon this state: the journal is damaged or mixed up.</exception>
    public KeyState Evolve(IKeyEvent @event) => @event switch
    {
        KeyCreated created when created.Revision == Revision + 1 && !Keys.ContainsKey(created.Key.Id) =>
            this with { Revision = created.Revision, Keys = Keys.RemoveRange(Expired(created.Key.CreatedAt)).Add(created.Key.Id, created.Key) },
        // One that is not there had expired.
        KeyRevoked revoked when revoked.Revision == Revision + 1 =>
            this with { Revision = revoked.Revision, Keys = Keys.Remove(revoked.Id) },
        _ => throw new InvalidOperationException($"{@event.GetType().Name} cannot follow upon revision {Revision} of the keys."),
    };

    // A week later: the clock of who makes a key may be wrong.
    private IEnumerable<string> Expired(DateTimeOffset now) => Keys.Values.Where(key => !key.IsValid(now - KeptAfterEnd)).Select(key => key.Id);
}

/// <summary>What the registry does about a command.</summary>
/// <param name="Event">What must be stored before the reply counts; null: nothing.</param>
/// <param name="Reply">The answer, once it is stored.</param>
public sealed record KeyDecision(IKeyEvent? Event, IReadOnlyList<IKeyReply> Reply);

/// <summary>Decides about keys. Pure: time and randomness come with the command.</summary>
public static class KeyDecider
{
    /// <summary>Keys of a cluster at most.</summary>
    public const int MostKeys = 10_000;

    private const int KeysPerPage = 100;

    /// <summary>Answers a command.</summary>
    public static KeyDecision Decide(KeyState state, IKeyCommand command, DateTimeOffset now) => command switch
    {
        Sync sync => new KeyDecision(null, sync.Revision == state.Revision ? [new InStep(state.Revision)] : Pages(state)),
        CreateKey { Key.Scopes: KeyScopes.None } => Answer(new Refused("a key without a scope is of no use")),
        CreateKey when state.Keys.Values.Count(key => key.IsValid(now)) >= MostKeys => Answer(new Refused($"there are {MostKeys} keys already; revoke some")),
        CreateKey create when state.Keys.ContainsKey(create.Key.Id) => Answer(new Refused($"there is a key '{create.Key.Id}' already")),
        CreateKey create => Change(new KeyCreated(state.Revision + 1, create.Key)),
        RevokeKey revoke when !state.Keys.ContainsKey(revoke.Id) => Answer(new Missing(revoke.Id)),
        RevokeKey revoke => Change(new KeyRevoked(state.Revision + 1, revoke.Id, revoke.Who, now)),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is no command about keys."),
    };

    private static IReadOnlyList<IKeyReply> Pages(KeyState state)
    {
        ApiKey[][] pages = state.Keys.Count == 0 ? [[]] : [.. state.Keys.Values.Chunk(KeysPerPage)];
        return [.. pages.Select((keys, i) => new KeyPage(state.Revision, keys, i == 0, i == pages.Length - 1))];
    }

    private static KeyDecision Change(IKeyEvent @event) => new(@event, [new Stored(KeyNews.Of(@event))]);

    private static KeyDecision Answer(IKeyReply reply) => new(null, [reply]);
}
