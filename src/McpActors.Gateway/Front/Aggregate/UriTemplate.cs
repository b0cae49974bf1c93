namespace McpActors.Gateway.Front.Aggregate;

/// <summary>
/// Whether a URI could have come from an RFC 6570 template: enough to route a read. Literal parts must appear in order; a variable takes any text.
/// Linear in the length of the URI times the number of parts, whatever the template.
/// </summary>
internal sealed class UriTemplate
{
    private readonly string[] _literals;

    private UriTemplate(string template, string[] literals) => (Text, _literals) = (template, literals);

    /// <summary>The template as written.</summary>
    public string Text { get; }

    /// <summary>Characters that are no variable; the template with more of them is the more specific one.</summary>
    public int LiteralLength
    {
        get
        {
            var sum = 0;
            foreach (var literal in _literals)
                sum += literal.Length;
            return sum;
        }
    }

    /// <summary>Reads a template; null when its braces do not match.</summary>
    public static UriTemplate? Parse(string template)
    {
        var literals = new List<string>();
        var rest = template.AsSpan();
        while (true)
        {
            var open = rest.IndexOfAny('{', '}');
            if (open < 0)
            {
                literals.Add(rest.ToString());
                return new UriTemplate(template, [.. literals]);
            }

            if (rest[open] == '}')
                return null;
            literals.Add(rest[..open].ToString());
            rest = rest[(open + 1)..];
            var close = rest.IndexOfAny('{', '}');
            if (close < 0 || rest[close] == '{')
                return null;
            rest = rest[(close + 1)..];
        }
    }

    /// <summary>Whether the URI fits.</summary>
    public bool Matches(string uri)
    {
        var rest = uri.AsSpan();
        if (_literals.Length == 1)
            return rest.SequenceEqual(_literals[0]);
        if (!rest.StartsWith(_literals[0], StringComparison.Ordinal))
            return false;
        rest = rest[_literals[0].Length..];
        for (var i = 1; i < _literals.Length - 1; i++)
        {
            var at = rest.IndexOf(_literals[i], StringComparison.Ordinal);
            if (at < 0)
                return false;
            rest = rest[(at + _literals[i].Length)..];
        }

        return rest.EndsWith(_literals[^1], StringComparison.Ordinal);
    }
}
