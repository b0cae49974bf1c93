using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using static McpActors.Cluster.Serialization.WireTypes;
using Proto = McpActors.Cluster.Serialization.Protos.Servers;
using Server = McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Serialization;

/// <summary>Circuits in the journal.</summary>
internal static class CircuitWire
{
    public static Proto.CircuitChanged Write(Server.CircuitChanged changed)
    {
        var written = new Proto.CircuitChanged
        {
            Server = changed.Server.Value,
            At = ToTicks(changed.Change.At),
            Reason = changed.Change.Reason,
            State = Write(changed.State),
        };
        switch (changed.Change)
        {
            case CircuitEvent.Opened opened:
                written.Opened = new Proto.CircuitOpened { Cause = Write(opened.Cause), Until = ToTicks(opened.Until), TransportLost = opened.TransportLost };
                break;
            case CircuitEvent.HalfOpened half:
                written.HalfOpened = new Proto.CircuitHalfOpened { Cause = Write(half.Cause) };
                break;
            case CircuitEvent.Closed:
                written.Closed = new Proto.Empty();
                break;
            case CircuitEvent.Forced forced:
                written.Forced = new Proto.CircuitForced { Mode = Names.Write<CircuitMode, Proto.Mode>(forced.Mode) };
                if (forced.Until is { } until)
                    written.Forced.Until = ToTicks(until);
                break;
            case CircuitEvent.Released:
                written.Released = new Proto.Empty();
                break;
            case CircuitEvent.Reset:
                written.Reset = new Proto.Empty();
                break;
            default:
                throw new ArgumentException($"{changed.Change.GetType().Name} has no form on the wire.", nameof(changed));
        }

        return written;
    }

    public static Server.CircuitChanged Read(Proto.CircuitChanged changed)
    {
        var at = ToTime(changed.At);
        CircuitEvent change = changed.ChangeCase switch
        {
            Proto.CircuitChanged.ChangeOneofCase.Opened => new CircuitEvent.Opened(
                at, changed.Reason, Read(changed.Opened.Cause), ToTime(changed.Opened.Until), changed.Opened.TransportLost),
            Proto.CircuitChanged.ChangeOneofCase.HalfOpened => new CircuitEvent.HalfOpened(at, changed.Reason, Read(changed.HalfOpened.Cause)),
            Proto.CircuitChanged.ChangeOneofCase.Closed => new CircuitEvent.Closed(at, changed.Reason),
            Proto.CircuitChanged.ChangeOneofCase.Forced => new CircuitEvent.Forced(
                at, changed.Reason, Names.Read<Proto.Mode, CircuitMode>(changed.Forced.Mode), changed.Forced.HasUntil ? ToTime(changed.Forced.Until) : null),
            Proto.CircuitChanged.ChangeOneofCase.Released => new CircuitEvent.Released(at, changed.Reason),
            Proto.CircuitChanged.ChangeOneofCase.Reset => new CircuitEvent.Reset(at, changed.Reason),
            _ => throw new InvalidDataException("A stored change of a circuit does not say what changed."),
        };
        return new Server.CircuitChanged(new ServerId(changed.Server), change, Read(changed.State));
    }

    public static Proto.CircuitState Write(CircuitState state)
    {
        var written = new Proto.CircuitState
        {
            Phase = Names.Write<CircuitPhase, Proto.Phase>(state.Phase),
            Mode = Names.Write<CircuitMode, Proto.Mode>(state.Mode),
            Since = ToTicks(state.Since),
            Reason = state.Reason,
            OpenCount = state.OpenCount,
            OpenedByLostTransport = state.OpenedByLostTransport,
            Recovered = state.Recovered,
        };
        if (state.ForcedUntil is { } forcedUntil)
            written.ForcedUntil = ToTicks(forcedUntil);
        if (state.Until is { } until)
            written.Until = ToTicks(until);
        return written;
    }

    public static CircuitState Read(Proto.CircuitState state) => CircuitState.Initial with
    {
        Phase = Names.Read<Proto.Phase, CircuitPhase>(state.Phase),
        Mode = Names.Read<Proto.Mode, CircuitMode>(state.Mode),
        ForcedUntil = state.HasForcedUntil ? ToTime(state.ForcedUntil) : null,
        Since = ToTime(state.Since),
        Until = state.HasUntil ? ToTime(state.Until) : null,
        Reason = state.Reason,
        OpenCount = state.OpenCount,
        OpenedByLostTransport = state.OpenedByLostTransport,
        Recovered = state.Recovered,
    };

    private static Proto.Cause Write(CircuitCause cause) => Names.Write<CircuitCause, Proto.Cause>(cause);

    private static CircuitCause Read(Proto.Cause cause) => Names.Read<Proto.Cause, CircuitCause>(cause);
}
