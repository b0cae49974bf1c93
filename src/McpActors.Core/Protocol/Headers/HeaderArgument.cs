using System.Buffers;
using System.Globalization;
using System.Text.Json;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Protocol.Headers;

/// <summary>What an argument is, as far as a header can repeat it.</summary>
internal enum HeaderArgumentKind : byte
{
    /// <summary>Not given, or null: there is no header.</summary>
    Absent,
    Text,
    Integer,
    Truth,

    /// <summary>Given, but nothing that a header can repeat; the tool's schema forbids it too.</summary>
    Unfit,
}

/// <summary>The value of an argument that travels as a header.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The header's text, not yet encoded; empty unless there is one.</param>
internal readonly record struct HeaderArgument(HeaderArgumentKind Kind, string Text)
{
    private static readonly HeaderArgument Unfit = new(HeaderArgumentKind.Unfit, "");

    /// <summary>The values of the parameters, in one pass over the arguments.</summary>
    internal static HeaderArgument[] Read(IReadOnlyList<HeaderParameter> parameters, in ReadOnlySequence<byte> arguments)
    {
        var values = new HeaderArgument[parameters.Count];
        if (values.Length == 0 || arguments.IsEmpty)
        {
            return values;
        }

        var options = new JsonReaderOptions { MaxDepth = 1001 };
        var reader = arguments.IsSingleSegment ? new Utf8JsonReader(arguments.FirstSpan, options) : new Utf8JsonReader(arguments, options);
        if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            new Walk(parameters, values).Object(ref reader, [.. Enumerable.Range(0, values.Length)], 0);
        }

        return values;
    }

    private static HeaderArgument Of(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => default,
        JsonTokenType.True => new HeaderArgument(HeaderArgumentKind.Truth, "true"),
        JsonTokenType.False => new HeaderArgument(HeaderArgumentKind.Truth, "false"),
        JsonTokenType.String => OfString(ref reader),
        JsonTokenType.Number => OfNumber(ref reader),
        _ => Unfit,
    };

    private static HeaderArgument OfString(ref Utf8JsonReader reader)
    {
        try
        {
            return new HeaderArgument(HeaderArgumentKind.Text, reader.GetString()!);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: there is no such text.
            return Unfit;
        }
    }

    private static HeaderArgument OfNumber(ref Utf8JsonReader reader)
    {
        const int longest = 512;
        Span<byte> copy = stackalloc byte[longest];
        if (reader.HasValueSequence && reader.ValueSequence.Length > longest)
        {
            return Unfit;
        }

        scoped var number = reader.ValueSpan;
        if (reader.HasValueSequence)
        {
            reader.ValueSequence.CopyTo(copy);
            number = copy[..(int)reader.ValueSequence.Length];
        }

        return ExactInteger.TryRead(number, out var value)
            ? new HeaderArgument(HeaderArgumentKind.Integer, value.ToString(CultureInfo.InvariantCulture))
            : Unfit;
    }

    private readonly struct Walk(IReadOnlyList<HeaderParameter> parameters, HeaderArgument[] values)
    {
        /// <summary>Reads the object whose start was read.</summary>
        /// <param name="reader">At the object's start; afterwards at its end.</param>
        /// <param name="candidates">The parameters whose paths lead into it.</param>
        /// <param name="depth">How many steps of these paths have been made.</param>
        internal void Object(ref Utf8JsonReader reader, int[] candidates, int depth)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var matches = Matches(ref reader, candidates, depth);
                reader.Read();
                foreach (var match in matches)
                {
                    if (parameters[match].Path.Count == depth + 1)
                    {
                        values[match] = Of(ref reader);
                    }
                }

                if (reader.TokenType == JsonTokenType.StartObject && matches.Length > 0)
                {
                    var list = parameters;
                    Object(ref reader, [.. matches.Where(match => list[match].Path.Count > depth + 1)], depth + 1);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private int[] Matches(ref Utf8JsonReader reader, int[] candidates, int depth)
        {
            var first = 0;
            while (first < candidates.Length && !reader.ValueTextEquals(parameters[candidates[first]].Path[depth]))
            {
                first++;
            }

            if (first == candidates.Length)
            {
                return [];
            }

            var name = parameters[candidates[first]].Path[depth];
            var list = parameters;
            return [.. candidates.Skip(first).Where(candidate => list[candidate].Path[depth] == name)];
        }
    }
}
