using System.Buffers;
using System.Globalization;
using System.Text;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Http;

/// <summary>Reads server-sent events from an answer, one at a time, in pooled memory. One reader at a time.</summary>
/// <param name="stream">The answer's body.</param>
/// <param name="limit">The largest event taken, in bytes.</param>
internal sealed class EventReader(Stream stream, long limit) : IDisposable
{
    private const int ChunkSize = 16 * 1024;
    private const int LongestField = 1024;

    private readonly byte[] _chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
    private readonly PooledBuffer _line = new();
    private readonly PooledBuffer _data = new();
    private int _start;
    private int _end;
    private bool _afterReturn;
    private bool _hasData;
    private bool _first = true;

    /// <summary>Whether any byte has come.</summary>
    public bool ReadAny { get; private set; }

    /// <summary>The data of the event that was read last; valid until the next read.</summary>
    public ReadOnlySequence<byte> Data => _data.Sequence;

    /// <summary>The last id that the server gave.</summary>
    public string? LastEventId { get; private set; }

    /// <summary>How long the server wants us to wait before we come again.</summary>
    public TimeSpan? Retry { get; private set; }

    /// <summary>Reads to the end of the next event; false at the end of the stream, where an unfinished event is dropped.</summary>
    /// <exception cref="UpstreamException">The event is too large.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken ct)
    {
        _data.Clear();
        _hasData = false;
        while (true)
        {
            while (TryTakeLine())
            {
                var ended = _line.Length == 0;
                if (!ended)
                {
                    TakeField();
                }

                _line.Clear();
                if (ended && _hasData)
                {
                    return true;
                }
            }

            _start = 0;
            _end = await stream.ReadAsync(_chunk, ct);
            if (_end == 0)
            {
                return false;
            }

            ReadAny = true;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _line.Dispose();
        _data.Dispose();
        ArrayPool<byte>.Shared.Return(_chunk);
    }

    /// <summary>Moves bytes to the line; true at its end, which is CR, LF or both.</summary>
    private bool TryTakeLine()
    {
        if (_afterReturn && _start < _end)
        {
            _start += _chunk[_start] == (byte)'\n' ? 1 : 0;
            _afterReturn = false;
        }

        var available = _chunk.AsSpan(_start.._end);
        var length = available.IndexOfAny((byte)'\r', (byte)'\n');
        var part = length < 0 ? available : available[..length];
        if (_line.Length + part.Length + _data.Length > limit)
        {
            throw HttpFailures.TooLarge(limit);
        }

        _line.Write(part);
        _start += part.Length;
        if (length < 0)
        {
            return false;
        }

        _afterReturn = _chunk[_start] == (byte)'\r';
        _start++;
        return true;
    }

    private void TakeField()
    {
        var line = _line.Sequence;
        if (_first)
        {
            _first = false;
            line = line.FirstSpan.StartsWith("\uFEFF"u8) ? line.Slice(3) : line;
        }

        var head = line.FirstSpan;
        if (head.StartsWith("data:"u8) || line.Length == 4 && head.SequenceEqual("data"u8))
        {
            TakeData(line);
        }
        else if (line.Length <= LongestField && head.StartsWith("id:"u8))
        {
            var id = ValueOf(line, 3);
            LastEventId = id.Contains('\0', StringComparison.Ordinal) ? LastEventId : id;
        }
        else if (line.Length <= LongestField && head.StartsWith("retry:"u8)
            && int.TryParse(ValueOf(line, 6), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            Retry = TimeSpan.FromMilliseconds(milliseconds);
        }
    }

    private void TakeData(ReadOnlySequence<byte> line)
    {
        if (_hasData)
        {
            _data.Write("\n"u8);
        }

        _hasData = true;
        var value = line.Slice(Math.Min(line.Length, 5));
        _data.Write(!value.IsEmpty && value.FirstSpan is [(byte)' ', ..] ? value.Slice(1) : value);
    }

    private static string ValueOf(ReadOnlySequence<byte> line, int at)
    {
        var text = Encoding.UTF8.GetString(line.Slice(at));
        return text.StartsWith(' ') ? text[1..] : text;
    }
}
