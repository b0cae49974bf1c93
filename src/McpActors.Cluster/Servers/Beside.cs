using Google.Protobuf;
using McpActors.Cluster.Nodes;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

/// <summary>An answer to another node that is too large for a message.</summary>
/// <param name="Manifest">Under which the parcel is read.</param>
/// <param name="Parcel">The answer.</param>
internal sealed record BesideReply(string Manifest, Parcel Parcel) : IServerReply;

/// <summary><see cref="Complete"/> from another node, with a result that is too large for a message.</summary>
internal sealed record CompleteBeside(
    ServerId Server,
    CallId Call,
    AttemptOutcome Outcome,
    Parcel Result,
    TimeSpan Ttl,
    CacheScope Scope,
    ProtocolRevision Revision,
    ConnectionId Connection) : IServerCommand
{
    /// <summary>The same with the result at hand.</summary>
    public Complete With(ReadOnlyMemory<byte> result) => new(Server, Call, Outcome, new CacheFill(result, Ttl, Scope, Revision), Connection);

    /// <summary>The same when the result cannot be had: the call has ended all the same.</summary>
    public Complete Without() => new(Server, Call, Outcome, null, Connection);
}

/// <summary>Keeps messages between nodes small.</summary>
internal static class Beside
{
    /// <summary>The answer as another node may be sent it.</summary>
    public static object Fit(object reply, Parcels parcels)
    {
        if (reply is CacheHit { Result.Length: <= Parcels.MostInMessage } or not (CacheHit or CatalogueReply or ServerStatus or OperatorDone))
            return reply;
        var entry = Serialization.WireFormat.Current.For(reply.GetType());
        var message = entry.Write(reply);
        return message.CalculateSize() <= Parcels.MostInMessage ? reply : new BesideReply(entry.Manifest, parcels.Put(message.ToByteArray()));
    }

    /// <summary>The end of a call as the owner of its server, on another node, may be told it.</summary>
    public static IServerCommand Fit(Complete command, Parcels parcels) => command.Fill is { Result.Length: > Parcels.MostInMessage } fill
        ? new CompleteBeside(command.Server, command.Call, command.Outcome, parcels.Put(fill.Result), fill.Ttl, fill.Scope, fill.Revision, command.Connection)
        : command;

    /// <summary>Fetches an answer.</summary>
    /// <exception cref="ParcelLostException">It cannot be had.</exception>
    public static async Task<IServerReply> OpenAsync(BesideReply reply, Parcels parcels, CancellationToken ct) =>
        (IServerReply)Serialization.WireFormat.Current.For(reply.Manifest).Read(await parcels.FetchAsync(reply.Parcel, ct));
}
