using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace McpActors.Gateway.Front.Http;

/// <summary>
/// The whole body of a request where the server already has it: in the blocks of its pipe. Nothing is copied; the bytes stay valid until
/// <see cref="Release"/>, also when the client leaves meanwhile.
/// </summary>
internal readonly struct BodyReader(PipeReader pipe)
{
    /// <summary>Reads to the end. The server stops a body above the limit with <see cref="BadHttpRequestException"/> 413.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            var read = await pipe.ReadAsync(ct);
            if (read.IsCompleted)
                return read.Buffer;
            // Examined but not consumed: the pipe keeps it and gives it again with what follows.
            pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Gives the blocks back.</summary>
    public void Release(in ReadOnlySequence<byte> body) => pipe.AdvanceTo(body.End);
}
