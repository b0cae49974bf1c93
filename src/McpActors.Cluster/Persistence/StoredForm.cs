using Akka.Actor;

namespace McpActors.Cluster.Persistence;

/// <summary>Compares events by the bytes they are stored as: records with byte members do not compare by value.</summary>
internal static class StoredForm
{
    public static bool AreEqual(ActorSystem system, object left, object right)
    {
        if (left.GetType() != right.GetType())
            return false;
        var serializer = system.Serialization.FindSerializerFor(left);
        return serializer.ToBinary(left).AsSpan().SequenceEqual(serializer.ToBinary(right));
    }
}
