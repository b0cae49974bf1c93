using System.Buffers;

namespace McpActors.Gateway.Front.Http;

/// <summary>
/// Writes JSON so that it stays on one line. Line ends in JSON text stand only between tokens (inside a string they are escaped), so a blank
/// in their place changes nothing, while in a server-sent event they would end the field.
/// </summary>
internal sealed class OneLineWriter(IBufferWriter<byte> target) : IBufferWriter<byte>
{
    private Memory<byte> _given;

    /// <inheritdoc />
    public void Advance(int count)
    {
        var written = _given.Span[..count];
        written.Replace((byte)'\n', (byte)' ');
        written.Replace((byte)'\r', (byte)' ');
        _given = _given[count..];
        target.Advance(count);
    }

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0) => _given = target.GetMemory(sizeHint);

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
