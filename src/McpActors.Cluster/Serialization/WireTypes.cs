using Google.Protobuf;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Cluster.Serialization;

/// <summary>Small types that several slices write the same way.</summary>
internal static class WireTypes
{
    public static long ToTicks(DateTimeOffset time) => time.UtcTicks;

    public static DateTimeOffset ToTime(long ticks) => new(ticks, TimeSpan.Zero);

    /// <summary>The bytes are not copied: what is written is not changed by anybody.</summary>
    public static ByteString ToBytes(ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);

    public static string ToText(ProtocolRevision revision) => revision.Text;

    public static ProtocolRevision ToRevision(string text) => ProtocolRevision.TryParse(text, out var revision)
        ? revision
        : throw new InvalidDataException($"'{text}' is no protocol revision that this version knows.");
}
