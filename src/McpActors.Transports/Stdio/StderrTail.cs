using System.Text;

namespace McpActors.Transports.Stdio;

/// <summary>The end of what a child wrote to stderr: free text, kept for the status page, bounded whatever the child writes.</summary>
internal sealed class StderrTail(int capacity = StderrTail.DefaultCapacity)
{
    /// <summary>8 KB.</summary>
    public const int DefaultCapacity = 8 * 1024;

    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[capacity];
    private int _next;
    private bool _wrapped;

    /// <summary>Appends, and forgets the oldest bytes beyond the capacity.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        if (text.Length > _ring.Length)
        {
            text = text[^_ring.Length..];
        }

        lock (_lock)
        {
            var head = Math.Min(text.Length, _ring.Length - _next);
            text[..head].CopyTo(_ring.AsSpan(_next));
            text[head..].CopyTo(_ring);
            _wrapped |= _next + text.Length >= _ring.Length;
            _next = (_next + text.Length) % _ring.Length;
        }
    }

    /// <summary>The kept text, from the first whole line where the beginning was lost.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            if (!_wrapped)
            {
                return Encoding.UTF8.GetString(_ring, 0, _next);
            }

            var text = Encoding.UTF8.GetString([.. _ring.AsSpan(_next), .. _ring.AsSpan(0, _next)]);
            var line = text.IndexOf('\n', StringComparison.Ordinal);
            return line >= 0 && line < text.Length - 1 ? text[(line + 1)..] : text;
        }
    }

    /// <summary>The last line that is not blank: what a message to the operator quotes.</summary>
    public string? LastLine()
    {
        var lines = ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? null : lines[^1];
    }
}
