using System.Globalization;

namespace McpActors.Core.Tests.Protocol;

/// <summary>Writes random JSON with all the freedom that JSON gives: member order, white space, escapes, number texts.</summary>
internal sealed class RandomJson(int seed)
{
    private static readonly string[] Atoms =
        ["\"\"", "\"a\"", "\"käse\"", "\"\\u00e9\\n\"", "\"😀\"", "\"\\ud83d\\ude00\"", "\"{[,:\\\"]}\"", "0", "-1", "1.50", "1e3", "12345678901234567890", "true", "false", "null"];

    private static readonly string[] Names = ["a", "b", "name", "id", "method", "_meta", "x y", "ü", "\\u0061", "result", "Name", "k\\\\", ""];

    /// <summary>Whether an object may hold a name twice, also in two spellings.</summary>
    internal bool AllowsDuplicates { get; init; }

    internal Random Random { get; } = new(seed);

    internal string Blank() => Random.Next(4) switch { 0 => " ", 1 => "\r\n\t", _ => "" };

    internal string Value(int depth = 4) => (depth == 0 ? 0 : Random.Next(5)) switch
    {
        1 => Array(depth - 1),
        2 => Object(depth - 1),
        _ => Atoms[Random.Next(Atoms.Length)],
    };

    internal string Array(int depth) => $"[{Blank()}{string.Join(',', Enumerable.Range(0, Random.Next(4)).Select(_ => Blank() + Value(depth) + Blank()))}]";

    internal string Object(int depth) => Object(Members(depth));

    internal string Object(IEnumerable<(string Name, string Value)> members)
    {
        var shuffled = members.ToArray();
        Random.Shuffle(shuffled);
        return $"{{{Blank()}{string.Join(',', shuffled.Select(m => $"{Blank()}\"{m.Name}\"{Blank()}:{Blank()}{m.Value}{Blank()}"))}}}";
    }

    internal string Id() => Random.Next(2) == 0
        ? Random.Next(-5, 1_000_000).ToString(CultureInfo.InvariantCulture)
        : $"\"{(Random.Next(2) == 0 ? "req-" : "\\u00e9")}{Random.Next(100)}\"";

    /// <summary>A request with the members that a tool call may have, and others.</summary>
    internal string Request()
    {
        var meta = Pick(("progressToken", Id()), ("traceparent", "\"00-1-2-01\""), ("io.modelcontextprotocol/clientInfo", Object(1)), ("x/y", Value(2)));
        var parameters = Pick(("arguments", Object(2)), ("cursor", "\"\""), ("other", Value(3)), ("_meta", Object(meta))).Append(("name", "\"tool\\u0031\""));
        return Blank() + Object([("jsonrpc", "\"2.0\""), ("id", Id()), ("method", "\"tools/call\""), ("params", Object(parameters)), .. Pick(("extra", Value(3)))]) + Blank();
    }

    internal string Response()
    {
        var result = Pick(("content", Array(2)), ("resultType", "\"complete\""), ("ttlMs", "5000"), ("isError", "true"), ("_meta", Object(2)), ("more", Value(3)));
        return Object([("result", Object(result)), ("jsonrpc", "\"2.0\""), ("id", Id())]);
    }

    private (string Name, string Value)[] Pick(params (string Name, string Value)[] members) => [.. members.Where(_ => Random.Next(2) == 0)];

    private List<(string, string)> Members(int depth)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var members = new List<(string, string)>();
        foreach (var name in Names)
        {
            // Written differently, the same name: one of them only.
            if (Random.Next(4) == 0 && (used.Add(name.Replace("\\u0061", "a", StringComparison.Ordinal)) || AllowsDuplicates))
            {
                members.Add((name, Value(depth)));
            }
        }

        return members;
    }
}
