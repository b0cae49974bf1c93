using System.Collections.Frozen;
using Google.Protobuf;

namespace McpActors.Cluster.Serialization;

/// <summary>How one type is written and read.</summary>
/// <param name="Manifest">Its name on the wire and in the journal: readable, ends in a version, never edited.</param>
/// <param name="Type">The type.</param>
/// <param name="Write">To protobuf.</param>
/// <param name="Read">From bytes.</param>
internal sealed record WireEntry(string Manifest, Type Type, Func<object, IMessage> Write, Func<byte[], object> Read);

/// <summary>Collects the entries of a slice.</summary>
internal sealed class WireFormatBuilder
{
    private readonly List<WireEntry> _entries = [];

    /// <summary>Registers a type.</summary>
    /// <typeparam name="T">The type of the actors' world.</typeparam>
    /// <typeparam name="TProto">Its form on the wire. Two types may share one; the manifest tells them apart.</typeparam>
    public WireFormatBuilder Add<T, TProto>(string manifest, Func<T, TProto> write, Func<TProto, T> read)
        where T : notnull
        where TProto : IMessage<TProto>, new()
    {
        var parser = new MessageParser<TProto>(() => new TProto());
        _entries.Add(new WireEntry(manifest, typeof(T), value => write((T)value), bytes => read(parser.ParseFrom(bytes))));
        return this;
    }

    public WireFormat Build() => new(_entries);
}

/// <summary>Everything that is stored or sent between nodes. Frozen at start; what is not in it can be neither.</summary>
internal sealed class WireFormat
{
    private readonly FrozenDictionary<Type, WireEntry> _byType;
    private readonly FrozenDictionary<string, WireEntry> _byManifest;

    public WireFormat(IReadOnlyCollection<WireEntry> entries)
    {
        _byType = entries.ToFrozenDictionary(entry => entry.Type);
        _byManifest = entries.ToFrozenDictionary(entry => entry.Manifest, StringComparer.Ordinal);
        if (entries.FirstOrDefault(entry => !HasVersion(entry.Manifest)) is { } bad)
            throw new ArgumentException($"The manifest '{bad.Manifest}' must end in a version, '-v1'.", nameof(entries));
    }

    /// <summary>The format of this version of the product.</summary>
    public static WireFormat Current { get; } = Create();

    public IReadOnlyCollection<Type> Types => _byType.Keys;

    public IReadOnlyCollection<string> Manifests => _byManifest.Keys;

    /// <summary>How a type is written.</summary>
    public WireEntry For(Type type) => _byType.TryGetValue(type, out var entry)
        ? entry
        : throw new ArgumentException($"{type.FullName} is not registered in the wire format: add it to its slice's mapper.");

    /// <summary>How a manifest is read.</summary>
    public WireEntry For(string manifest) => _byManifest.TryGetValue(manifest, out var entry)
        ? entry
        : throw new ArgumentException($"The manifest '{manifest}' is unknown: it was written by a newer version, or by something else.");

    private static WireFormat Create()
    {
        var builder = new WireFormatBuilder();
        NodeWire.Register(builder);
        SessionWire.Register(builder);
        DiscoveryWire.Register(builder);
        SourcesWire.Register(builder);
        ServerWire.Register(builder);
        LeaseWire.Register(builder);
        KeyWire.Register(builder);
        CallWire.Register(builder);
        AnswerWire.Register(builder);
        BundleWire.Register(builder);
        StatusWire.Register(builder);
        OverviewWire.Register(builder);
        HealthWire.Register(builder);
        FeedWire.Register(builder);
        return builder.Build();
    }

    private static bool HasVersion(string manifest)
    {
        var dash = manifest.LastIndexOf("-v", StringComparison.Ordinal);
        return dash > 0 && dash + 2 < manifest.Length && manifest.AsSpan(dash + 2).IndexOfAnyExceptInRange('0', '9') < 0;
    }
}
