using Akka.Actor;
using Akka.Hosting;
using Akka.Serialization;
using Google.Protobuf;

namespace McpActors.Cluster.Serialization;

/// <summary>The one serializer of the product: protobuf under a named, versioned manifest. A type or manifest that is not registered throws.</summary>
internal sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Written into the journal beside every event; never changes.</summary>
    public const int SerializerId = 7342;

    public override int Identifier => SerializerId;

    public override string Manifest(object o) => WireFormat.Current.For(o.GetType()).Manifest;

    public override byte[] ToBinary(object obj) => WireFormat.Current.For(obj.GetType()).Write(obj).ToByteArray();

    public override object FromBinary(byte[] bytes, string manifest) => WireFormat.Current.For(manifest).Read(bytes);
}

/// <summary>Adds the serializer to a node.</summary>
public static class SerializationHosting
{
    /// <summary>Binds every registered type to the product's serializer. Nothing else can leave the node (see <c>WithStrictSerialization</c>).</summary>
    public static AkkaConfigurationBuilder WithMcpSerialization(this AkkaConfigurationBuilder builder) =>
        builder.WithCustomSerializer("mcpactors", WireFormat.Current.Types, system => new WireSerializer(system));
}
