using Akka.Actor;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

// What the actor says to itself.
internal sealed partial class ServerActor
{
    /// <summary>Stop after the calls in flight; used by passivation and hand-off.</summary>
    internal sealed record HandOff : INoSerializationVerificationNeeded
    {
        public static HandOff Instance { get; } = new();
    }

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record IdleCheck : INoSerializationVerificationNeeded
    {
        public static IdleCheck Instance { get; } = new();
    }

    private sealed record LoadingOver : INoSerializationVerificationNeeded
    {
        public static LoadingOver Instance { get; } = new();
    }

    private sealed record LeaveTimeOver : INoSerializationVerificationNeeded
    {
        public static LeaveTimeOver Instance { get; } = new();
    }

    private sealed record ClosingDone : INoSerializationVerificationNeeded
    {
        public static ClosingDone Instance { get; } = new();
    }

    /// <summary>An operator's order that is being stored.</summary>
    private sealed record Order(OperatorActed Event, IActorRef Sender);
}
