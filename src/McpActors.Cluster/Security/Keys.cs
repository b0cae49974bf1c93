using System.Security.Cryptography;
using Akka.Actor;
using Akka.Hosting;
using McpActors.Core.Security.Keys;
using static McpActors.Core.Security.Keys.KeyProtocol;

namespace McpActors.Cluster.Security;

/// <summary>The keys as the rest of the process sees them.</summary>
internal sealed class Keys(KeyHolder holder, IRequiredActor<KeyRegistry> registry, IRequiredActor<KeyAgent> agent, TimeProvider time) : IKeys
{
    /// <summary>Longer than a recorder's own patience, so that its reason arrives and not a timeout.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan LocalTime = TimeSpan.FromSeconds(5);

    public bool AreKnown => holder.Revision >= 0;

    public IReadOnlyList<ApiKey> All => holder.Keys;

    public ApiKey? Find(ReadOnlySpan<char> text) =>
        KeyText.IsWellFormed(text) && holder.Find(KeyHash.Of(text)) is { } key && key.IsValid(time.GetUtcNow()) ? key : null;

    public CancellationToken EndOf(ApiKey key) => holder.EndOf(key);

    public async Task<KeyChange> CreateAsync(NewKey key, CancellationToken ct)
    {
        var text = KeyText.Write(RandomNumberGenerator.GetBytes(32));
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        var now = time.GetUtcNow();
        var kept = new ApiKey(id, key.Name, KeyHash.Of(text), key.Scopes, now, key.Who, now + key.Ttl);
        return await ChangeAsync(new CreateKey(kept), new KeyChange.Created(kept, text), ct);
    }

    public Task<KeyChange> RevokeAsync(string id, string who, CancellationToken ct) => ChangeAsync(new RevokeKey(id, who), new KeyChange.Revoked(id), ct);

    private async Task<KeyChange> ChangeAsync(IKeyCommand command, KeyChange done, CancellationToken ct)
    {
        var owner = await registry.GetAsync(ct);
        try
        {
            switch (await owner.Ask<IKeyReply>(command, AnswerTime, ct))
            {
                case Stored stored:
                    // In force here before the caller hears of it: who creates a key can use it.
                    await (await agent.GetAsync(ct)).Ask<KeyAgent.Taken>(new KeyAgent.TakeNews(stored.News), LocalTime, ct);
                    return done;
                case Missing missing:
                    return new KeyChange.Missing(missing.Id);
                case Refused refused:
                    return new KeyChange.Refused(refused.Reason);
                case var other:
                    throw new InvalidOperationException($"{other.GetType().Name} is no answer to a change of the keys.");
            }
        }
        catch (AskTimeoutException)
        {
            return new KeyChange.Refused("the registry of keys does not answer; whether it is done shows the list of keys");
        }
    }
}
