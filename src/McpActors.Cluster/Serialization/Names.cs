using System.Collections.Frozen;

namespace McpActors.Cluster.Serialization;

/// <summary>
/// Maps enums to those of the wire by name, once per pair: a member put into the middle of an enum of the product changes no stored number,
/// and one without a counterpart fails the first test instead of a recovery.
/// </summary>
internal static class Names
{
    public static TWire Write<T, TWire>(T value)
        where T : struct, Enum
        where TWire : struct, Enum => Map<T, TWire>.Forth[value];

    public static T Read<TWire, T>(TWire value)
        where TWire : struct, Enum
        where T : struct, Enum => Map<T, TWire>.Back.TryGetValue(value, out var read)
        ? read
        : throw new InvalidDataException($"{typeof(TWire).Name} {value} is unknown: written by a newer version, or never said.");

    private static class Map<T, TWire>
        where T : struct, Enum
        where TWire : struct, Enum
    {
        public static readonly FrozenDictionary<T, TWire> Forth = Enum.GetValues<T>().ToFrozenDictionary(value => value, value => Enum.Parse<TWire>(value.ToString()));

        public static readonly FrozenDictionary<TWire, T> Back = Forth.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);
    }
}
