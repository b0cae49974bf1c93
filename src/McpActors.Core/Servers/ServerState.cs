using System.Collections.Immutable;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers;

/// <summary>
/// What of a server outlives the process: the fold of its <see cref="IServerEvent"/>s, and what a snapshot holds. Traffic is not part of it.
/// Each event brings all it needs, so one that is lost or stored twice does no harm to those after it.
/// </summary>
public sealed record ServerState
{
    /// <summary>A server that nothing has happened to.</summary>
    public static ServerState Initial { get; } = new();

    /// <summary>The circuit.</summary>
    public CircuitState Circuit { get; init; } = CircuitState.Initial;

    /// <summary>What the upstream said of itself.</summary>
    public PeerLearned? Peer { get; init; }

    /// <summary>The last good copies of its lists, by kind.</summary>
    public ImmutableSortedDictionary<ListKind, ListLearned> Lists { get; init; } = ImmutableSortedDictionary<ListKind, ListLearned>.Empty;

    /// <summary>
    /// The definition of each tool when it was first seen: only as long as it is still that one do the server's own annotations count, where they count at all.
    /// </summary>
    public ImmutableSortedDictionary<string, string> FirstSeenTools { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>When an operator last emptied the cache: what was stored of it before that is not taken back.</summary>
    public DateTimeOffset? CacheClearedAt { get; init; }

    /// <summary>The state after an event.</summary>
    public ServerState Evolve(IServerEvent change) => change switch
    {
        CircuitChanged circuit => this with { Circuit = circuit.State },
        PeerLearned peer => this with { Peer = peer },
        ListLearned list => Learn(list),
        OperatorActed { Action: OperatorActions.ClearCache } cleared => this with { CacheClearedAt = cleared.At },
        OperatorActed acted => this with { Circuit = Act(acted) },
        DefinitionChanged => this with { Peer = null, FirstSeenTools = FirstSeenTools.Clear() },
        _ => throw new InvalidOperationException($"A server's state does not know the event {change.GetType().Name}."),
    };

    private ServerState Learn(ListLearned list)
    {
        var next = this with { Lists = Lists.SetItem(list.Kind, list) };
        if (list.Kind != ListKind.Tools)
        {
            return next;
        }

        var seen = FirstSeenTools.ToBuilder();
        foreach (var tool in ListJson.Split(list.Items.Span, ListKind.Tools))
        {
            seen.TryAdd(tool.Name, ToolFactsReader.Hash(tool.Json.Span));
        }

        return next with { FirstSeenTools = seen.ToImmutable() };
    }

    // The order itself is what is stored before it is answered; what it does to the circuit must not depend upon a second record.
    private CircuitState Act(OperatorActed acted)
    {
        var reason = acted.Reason ?? "";
        return acted.Action switch
        {
            OperatorActions.ForceOpen => Circuit.Evolve(new CircuitEvent.Forced(acted.At, reason, CircuitMode.ForcedOpen, acted.Until)),
            OperatorActions.ForceClosed => Circuit.Evolve(new CircuitEvent.Forced(acted.At, reason, CircuitMode.ForcedClosed, acted.Until)),
            OperatorActions.Auto when Circuit.Mode != CircuitMode.Auto => Circuit.Evolve(new CircuitEvent.Released(acted.At, reason)),
            OperatorActions.Reset => Circuit.Evolve(new CircuitEvent.Reset(acted.At, reason)),
            _ => Circuit,
        };
    }
}

/// <summary>The names of operator actions in the journal.</summary>
public static class OperatorActions
{
    /// <summary>The circuit was forced open.</summary>
    public const string ForceOpen = "circuit.forcedOpen";

    /// <summary>The circuit was forced closed.</summary>
    public const string ForceClosed = "circuit.forcedClosed";

    /// <summary>The circuit was handed back to itself.</summary>
    public const string Auto = "circuit.auto";

    /// <summary>The circuit was reset to closed.</summary>
    public const string Reset = "circuit.reset";

    /// <summary>The cache was emptied.</summary>
    public const string ClearCache = "cache.clear";

    /// <summary>Connections and processes were closed.</summary>
    public const string Restart = "restart";
}
