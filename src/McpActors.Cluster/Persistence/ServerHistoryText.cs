using System.Globalization;
using System.Text;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Persistence;

/// <summary>Says what an event of a server means, for people and for programs.</summary>
internal static class ServerHistoryText
{
    private const int MaxDetail = 512;

    public static HistoryEntry Describe(long sequence, object stored) => stored switch
    {
        CircuitChanged circuit => Describe(sequence, circuit),
        PeerLearned peer => new HistoryEntry(sequence, peer.At, "peerLearned", $"It speaks {peer.Revision.Text}", new Dictionary<string, string>
        {
            ["protocol"] = peer.Revision.Text,
            ["serverInfo"] = Cut(Encoding.UTF8.GetString(peer.ServerInfo.Span)),
        }),
        ListLearned list => new HistoryEntry(sequence, list.At, "listLearned", $"Its {Name(list.Kind)} were learnt or changed", new Dictionary<string, string>
        {
            ["list"] = Name(list.Kind),
            ["hash"] = list.Hash,
            ["bytes"] = list.Items.Length.ToString(CultureInfo.InvariantCulture),
        }),
        OperatorActed acted => Describe(sequence, acted),
        DefinitionChanged changed => new HistoryEntry(
            sequence, changed.At, "definitionChanged", "Its definition was changed; what was learnt of it is learnt anew", new Dictionary<string, string>()),
        IServerEvent other => new HistoryEntry(sequence, other.At, Camel(other.GetType().Name), other.GetType().Name, new Dictionary<string, string>()),
        _ => throw new InvalidDataException($"{stored.GetType().Name} is no event of a server."),
    };

    private static HistoryEntry Describe(long sequence, CircuitChanged changed)
    {
        var details = new Dictionary<string, string> { ["reason"] = changed.Change.Reason };
        switch (changed.Change)
        {
            case CircuitEvent.Opened opened:
                details["cause"] = Camel(opened.Cause.ToString());
                details["until"] = Time(opened.Until);
                details["transportLost"] = opened.TransportLost ? "true" : "false";
                return Entry("circuitOpened", "The circuit opened");
            case CircuitEvent.HalfOpened half:
                details["cause"] = Camel(half.Cause.ToString());
                return Entry("circuitHalfOpened", "The circuit lets probes pass");
            case CircuitEvent.Closed:
                return Entry("circuitClosed", "The circuit closed");
            case CircuitEvent.Forced forced:
                details["mode"] = Camel(forced.Mode.ToString());
                if (forced.Until is { } until)
                    details["until"] = Time(until);
                return Entry("circuitForced", forced.Mode == CircuitMode.ForcedOpen ? "The circuit was forced open" : "The circuit was forced closed");
            case CircuitEvent.Released:
                return Entry("circuitReleased", "The circuit decides for itself again");
            case CircuitEvent.Reset:
                return Entry("circuitReset", "The circuit was reset");
            default:
                return Entry("circuitChanged", "The circuit changed");
        }

        HistoryEntry Entry(string kind, string text)
        {
            var reason = changed.Change.Reason.Length == 0 ? text : $"{text}: {changed.Change.Reason}";
            return new HistoryEntry(sequence, changed.At, kind, reason, details);
        }
    }

    private static HistoryEntry Describe(long sequence, OperatorActed acted)
    {
        var details = new Dictionary<string, string> { ["action"] = acted.Action, ["actor"] = acted.Actor };
        if (acted.Reason is not null)
            details["reason"] = acted.Reason;
        if (acted.Until is { } until)
            details["until"] = Time(until);
        var text = $"{acted.Actor} ordered {acted.Action}" + (string.IsNullOrEmpty(acted.Reason) ? "" : $": {acted.Reason}");
        return new HistoryEntry(sequence, acted.At, "operatorActed", text, details);
    }

    private static string Name(Core.Servers.Catalogue.ListKind kind) => Camel(kind.ToString());

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static string Time(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static string Cut(string text) => text.Length <= MaxDetail ? text : string.Concat(text.AsSpan(0, MaxDetail), "…");
}
