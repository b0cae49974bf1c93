namespace McpActors.Core.Servers;

/// <summary>The last failures, bounded.</summary>
internal sealed class FailureRing
{
    internal const int Size = 16;

    // Most servers never fail.
    private FailureNote?[]? _notes;
    private int _next;

    internal void Add(FailureNote note)
    {
        _notes ??= new FailureNote?[Size];
        _notes[_next] = note;
        _next = (_next + 1) % Size;
    }

    internal IReadOnlyList<FailureNote> NewestFirst()
    {
        if (_notes is null)
        {
            return [];
        }

        var list = new List<FailureNote>(Size);
        for (var i = 1; i <= Size; i++)
        {
            if (_notes[(_next - i + Size) % Size] is { } note)
            {
                list.Add(note);
            }
        }

        return list;
    }
}
