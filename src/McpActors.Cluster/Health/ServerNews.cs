using Akka.Actor;
using McpActors.Core.Health;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Health;

/// <summary>A server of this node as its actor knows it. Published on the event stream of the node.</summary>
internal sealed record FactsKnown(ServerFacts Facts) : INoSerializationVerificationNeeded;

/// <summary>The actor of a server stopped here; another node may have one. Published on the event stream of the node.</summary>
internal sealed record FactsGone(ServerId Server) : INoSerializationVerificationNeeded;
