using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;

namespace McpActors.Transports.Remote;

/// <summary>What a frame holds.</summary>
public enum RemoteFrameKind : byte
{
    /// <summary>A message of the server.</summary>
    Message = 1,

    /// <summary>The attempt has failed: how, as JSON.</summary>
    Failure = 2,
}

/// <summary>
/// The body of the answer to a call that one node carries for another: one frame after the other, each its kind, the length of its content in 4 bytes, and the
/// content. It ends after a response or a failure; a body that ends without either means that the node was lost.
/// </summary>
public static class RemoteFrames
{
    /// <summary>Bytes before the content.</summary>
    public const int HeaderSize = 5;

    /// <summary>Writes the head of a frame.</summary>
    public static void WriteHeader(IBufferWriter<byte> target, RemoteFrameKind kind, long length)
    {
        ArgumentNullException.ThrowIfNull(target);
        var header = target.GetSpan(HeaderSize);
        header[0] = (byte)kind;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], checked((uint)length));
        target.Advance(HeaderSize);
    }

    /// <summary>Writes how an attempt failed.</summary>
    public static void WriteFailure(IBufferWriter<byte> target, UpstreamException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var content = JsonSerializer.SerializeToUtf8Bytes(
            new Failure(failure.Result.ToString(), failure.Sent, failure.FirstByte, failure.StatusCode, failure.RetryAfter?.TotalMilliseconds, failure.Message));
        WriteHeader(target, RemoteFrameKind.Failure, content.Length);
        target.Write(content);
    }

    /// <summary>Reads the head of a frame; null at the end of the body.</summary>
    internal static async ValueTask<(RemoteFrameKind Kind, long Length)?> ReadHeaderAsync(Stream stream, byte[] scratch, CancellationToken ct)
    {
        var read = await stream.ReadAtLeastAsync(scratch.AsMemory(0, HeaderSize), HeaderSize, throwOnEndOfStream: false, ct);
        return read < HeaderSize ? null : ((RemoteFrameKind)scratch[0], BinaryPrimitives.ReadUInt32BigEndian(scratch.AsSpan(1)));
    }

    /// <summary>Reads the content of a frame; false when the body ends before.</summary>
    internal static async ValueTask<bool> ReadContentAsync(Stream stream, long length, PooledBuffer target, CancellationToken ct)
    {
        while (length > 0)
        {
            var room = target.GetMemory();
            var read = await stream.ReadAsync(room[..(int)Math.Min(room.Length, length)], ct);
            if (read == 0)
            {
                return false;
            }

            target.Advance(read);
            length -= read;
        }

        return true;
    }

    /// <summary>How the attempt failed.</summary>
    internal static UpstreamException ReadFailure(PooledBuffer content)
    {
        var failure = JsonSerializer.Deserialize<Failure>(content.ToArray());
        return failure is not null && Enum.TryParse<AttemptResult>(failure.Result, out var result)
            ? new UpstreamException(result, failure.Text)
            {
                Sent = failure.Sent,
                FirstByte = failure.FirstByte,
                StatusCode = failure.StatusCode,
                RetryAfter = failure.RetryAfterMs is { } wait ? TimeSpan.FromMilliseconds(wait) : null,
            }
            : new UpstreamException(AttemptResult.NodeLost, "the node that runs the server answered what this one does not understand") { Sent = true };
    }

    private sealed record Failure(string Result, bool Sent, bool FirstByte, int? StatusCode, double? RetryAfterMs, string Text);
}
