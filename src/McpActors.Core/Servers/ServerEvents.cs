using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Servers;

public static partial class ServerProtocol
{
    /// <summary>The circuit changed. The state after it is part of the event, so that a lost or doubled record harms nothing.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Change">What happened, for the history.</param>
    /// <param name="State">The state after it.</param>
    public sealed record CircuitChanged(ServerId Server, CircuitEvent Change, CircuitState State) : IServerEvent
    {
        /// <inheritdoc/>
        public DateTimeOffset At => Change.At;
    }

    /// <summary>What the upstream says of itself was learnt or changed: its era, capabilities and name.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="At">When.</param>
    /// <param name="Revision">The protocol revision spoken with it.</param>
    /// <param name="Capabilities">Its capabilities: one JSON object.</param>
    /// <param name="ServerInfo">Its name and version: one JSON object.</param>
    /// <param name="Instructions">Its instructions to the model.</param>
    /// <param name="Address">Names the definition it was reached by, without secrets: under another one it may be another server.</param>
    public sealed record PeerLearned(
        ServerId Server,
        DateTimeOffset At,
        ProtocolRevision Revision,
        ReadOnlyMemory<byte> Capabilities,
        ReadOnlyMemory<byte> ServerInfo,
        string? Instructions,
        string Address) : IServerEvent;

    /// <summary>A list was learnt or changed.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="At">When it was fetched.</param>
    /// <param name="Kind">Which list.</param>
    /// <param name="Hash">Its hash.</param>
    /// <param name="Items">Its entries: one JSON array.</param>
    /// <param name="Ttl">How long it was fresh.</param>
    /// <param name="Scope">Who may be given it.</param>
    public sealed record ListLearned(
        ServerId Server,
        DateTimeOffset At,
        ListKind Kind,
        string Hash,
        ReadOnlyMemory<byte> Items,
        TimeSpan Ttl,
        CacheScope Scope) : IServerEvent;

    /// <summary>An operator acted on the server. What it did to the circuit follows as <see cref="CircuitChanged"/>.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="At">When.</param>
    /// <param name="Action">What: <c>circuit.forcedOpen</c>, <c>circuit.forcedClosed</c>, <c>circuit.auto</c>, <c>circuit.reset</c>, <c>cache.clear</c>, <c>restart</c>.</param>
    /// <param name="Actor">Who.</param>
    /// <param name="Reason">Why, in their words.</param>
    /// <param name="Until">When a forced mode ends by itself.</param>
    public sealed record OperatorActed(
        ServerId Server,
        DateTimeOffset At,
        string Action,
        string Actor,
        string? Reason,
        DateTimeOffset? Until) : IServerEvent;

    /// <summary>The definition of the server changed so that what was learnt of it may no longer hold.</summary>
    public sealed record DefinitionChanged(ServerId Server, DateTimeOffset At) : IServerEvent;
}
