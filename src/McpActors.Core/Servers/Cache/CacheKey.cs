using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace McpActors.Core.Servers.Cache;

/// <summary>Names one answer within one server: method, canonical arguments and scope of the caller, as a hash.</summary>
/// <param name="Hash">128 bits. Callers choose arguments, so only a cryptographic hash keeps the answers of two callers apart.</param>
public readonly record struct CacheKey(UInt128 Hash)
{
    private const int OnStack = 1024;

    /// <summary>The first 128 bits of SHA-256 over the three parts, each after its length.</summary>
    /// <param name="scope">The principal (and profile) whose answer it is; empty for a public one.</param>
    /// <param name="method">Method, and the name of the tool, prompt or resource.</param>
    /// <param name="arguments">Arguments in canonical form, cursor included.</param>
    public static CacheKey Compute(ReadOnlySpan<byte> scope, ReadOnlySpan<byte> method, ReadOnlySpan<byte> arguments)
    {
        var length = (3 * sizeof(int)) + scope.Length + method.Length + arguments.Length;
        byte[]? rented = null;
        var buffer = length <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(length);
        var rest = Append(Append(Append(buffer, scope), method), arguments);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer[..^rest.Length], digest);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return new CacheKey(BinaryPrimitives.ReadUInt128BigEndian(digest));
    }

    private static Span<byte> Append(Span<byte> target, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, part.Length);
        part.CopyTo(target[sizeof(int)..]);
        return target[(sizeof(int) + part.Length)..];
    }
}

/// <summary>Kinds of answers, as far as they become invalid together.</summary>
public enum CacheKind
{
    /// <summary>The discovery record.</summary>
    Discovery,

    /// <summary><c>tools/list</c>.</summary>
    ToolsList,

    /// <summary><c>prompts/list</c>.</summary>
    PromptsList,

    /// <summary><c>resources/list</c>.</summary>
    ResourcesList,

    /// <summary><c>resources/templates/list</c>.</summary>
    ResourceTemplatesList,

    /// <summary><c>resources/read</c>.</summary>
    Resource,

    /// <summary><c>prompts/get</c>.</summary>
    Prompt,

    /// <summary><c>completion/complete</c>.</summary>
    Completion,

    /// <summary><c>tools/call</c>.</summary>
    ToolCall,
}

/// <summary>What becomes invalid together.</summary>
/// <param name="Kind">The kind of answer.</param>
/// <param name="Subject">A hash of the resource's URI, or of the name of a tool or prompt; 0 for lists. A collision only invalidates too much.</param>
public readonly record struct CacheTag(CacheKind Kind, ulong Subject = 0)
{
    /// <summary>The tag of what is about one resource, prompt or tool.</summary>
    /// <param name="kind">The kind of answer.</param>
    /// <param name="subject">The URI or name in UTF-8.</param>
    public static CacheTag Of(CacheKind kind, ReadOnlySpan<byte> subject) => new(kind, XxHash64.HashToUInt64(subject));
}

/// <summary>For whom an answer is.</summary>
public enum CacheScope
{
    /// <summary>For the principal in its key.</summary>
    Private,

    /// <summary>For everybody.</summary>
    Public,
}
