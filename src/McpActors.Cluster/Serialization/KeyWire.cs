using System.Collections.Immutable;
using Google.Protobuf;
using McpActors.Core.Security.Keys;
using static McpActors.Cluster.Serialization.WireTypes;
using Proto = McpActors.Cluster.Serialization.Protos.Keys;

namespace McpActors.Cluster.Serialization;

/// <summary>API keys on the wire.</summary>
internal static class KeyWire
{
    public static void Register(WireFormatBuilder wire)
    {
        RegisterEvents(wire);
        RegisterCommands(wire);
        RegisterReplies(wire);
    }

    private static void RegisterEvents(WireFormatBuilder wire) => wire
        .Add<KeyProtocol.KeyCreated, Proto.KeyCreated>(
            "keys-created-v1",
            e => new Proto.KeyCreated { Revision = e.Revision, Key = Write(e.Key) },
            p => new KeyProtocol.KeyCreated(p.Revision, Read(p.Key)))
        .Add<KeyProtocol.KeyRevoked, Proto.KeyRevoked>(
            "keys-revoked-v1",
            e => new Proto.KeyRevoked { Revision = e.Revision, Id = e.Id, Who = e.Who, At = ToTicks(e.At) },
            p => new KeyProtocol.KeyRevoked(p.Revision, p.Id, p.Who, ToTime(p.At)))
        .Add<KeyState, Proto.State>(
            "keys-state-v1",
            s => new Proto.State { Revision = s.Revision, Keys = { s.Keys.Values.Select(Write) } },
            p => new KeyState { Revision = p.Revision, Keys = p.Keys.Select(Read).ToImmutableSortedDictionary(key => key.Id, key => key, StringComparer.Ordinal) });

    private static void RegisterCommands(WireFormatBuilder wire) => wire
        .Add<KeyProtocol.Sync, Proto.Sync>("keys-sync-v1", c => new Proto.Sync { Revision = c.Revision }, p => new KeyProtocol.Sync(p.Revision))
        .Add<KeyProtocol.CreateKey, Proto.CreateKey>("keys-create-v1", c => new Proto.CreateKey { Key = Write(c.Key) }, p => new KeyProtocol.CreateKey(Read(p.Key)))
        .Add<KeyProtocol.RevokeKey, Proto.RevokeKey>(
            "keys-revoke-v1",
            c => new Proto.RevokeKey { Id = c.Id, Who = c.Who },
            p => new KeyProtocol.RevokeKey(p.Id, p.Who));

    private static void RegisterReplies(WireFormatBuilder wire) => wire
        .Add<KeyProtocol.Stored, Proto.Stored>("keys-stored-v1", r => new Proto.Stored { News = Write(r.News) }, p => new KeyProtocol.Stored(Read(p.News)))
        .Add<KeyProtocol.Missing, Proto.Missing>("keys-missing-v1", r => new Proto.Missing { Id = r.Id }, p => new KeyProtocol.Missing(p.Id))
        .Add<KeyProtocol.Refused, Proto.Refused>("keys-refused-v1", r => new Proto.Refused { Reason = r.Reason }, p => new KeyProtocol.Refused(p.Reason))
        .Add<KeyProtocol.InStep, Proto.InStep>("keys-in-step-v1", r => new Proto.InStep { Revision = r.Revision }, p => new KeyProtocol.InStep(p.Revision))
        .Add<KeyProtocol.KeyPage, Proto.KeyPage>(
            "keys-page-v1",
            r => new Proto.KeyPage { Revision = r.Revision, Keys = { r.Keys.Select(Write) }, First = r.First, Last = r.Last },
            p => new KeyProtocol.KeyPage(p.Revision, [.. p.Keys.Select(Read)], p.First, p.Last))
        .Add<KeyProtocol.KeyNews, Proto.KeyNews>("keys-news-v1", Write, Read);

    private static Proto.KeyNews Write(KeyProtocol.KeyNews news)
    {
        var written = new Proto.KeyNews { Revision = news.Revision, Created = news.Created is null ? null : Write(news.Created) };
        if (news.Revoked is { } revoked)
            written.Revoked = revoked;
        return written;
    }

    private static KeyProtocol.KeyNews Read(Proto.KeyNews news) =>
        new(news.Revision, news.Created is null ? null : Read(news.Created), news.HasRevoked ? news.Revoked : null);

    private static Proto.Key Write(ApiKey key)
    {
        var written = new Proto.Key
        {
            Id = key.Id,
            Name = key.Name,
            Hash = ByteString.CopyFrom(key.Hash.ToArray()),
            Scopes = (int)key.Scopes,
            CreatedAt = ToTicks(key.CreatedAt),
            CreatedBy = key.CreatedBy,
        };
        if (key.ExpiresAt is { } end)
            written.ExpiresAt = ToTicks(end);
        return written;
    }

    private static ApiKey Read(Proto.Key key) => new(
        key.Id, key.Name, new KeyHash(key.Hash.Span), (KeyScopes)key.Scopes, ToTime(key.CreatedAt), key.CreatedBy, key.HasExpiresAt ? ToTime(key.ExpiresAt) : null);
}
