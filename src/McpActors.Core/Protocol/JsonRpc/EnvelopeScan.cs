using System.Text.Json;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>Fills an envelope while the reader passes over the message: top level, error and result. Members come in any order.</summary>
internal readonly ref partial struct EnvelopeScan(JsonRpcEnvelope envelope)
{
    // The longest known name, every letter of it escaped, and some more.
    private const int LongestMethod = 256;

    private static readonly MemberTable TopLevel = new("jsonrpc", "id", "method", "params", "result", "error");

    private static readonly MemberTable ErrorNames = new("code", "message", "data");

    /// <summary>A whole message, whose first token was read.</summary>
    internal void Message(ref StrictReader reader)
    {
        if (reader.Token != JsonTokenType.StartObject)
        {
            throw reader.Broken("a message is an object");
        }

        var isVersion2 = false;
        reader.Enter();
        while (reader.NextMember(out var name))
        {
            switch (TopLevel.Find(name))
            {
                case 1:
                    isVersion2 = reader.ValueIs("2.0"u8) ? true : throw reader.Broken("jsonrpc must be \"2.0\"");
                    break;
                case 2:
                    Id(ref reader);
                    break;
                case 3:
                    Method(ref reader);
                    break;
                case 4:
                    Params(ref reader);
                    break;
                case 5:
                    Result(ref reader);
                    break;
                case 6:
                    Error(ref reader);
                    break;
                default:
                    Other(ref reader, TopLevel, name);
                    break;
            }
        }

        envelope.Kind = isVersion2 ? Kind(reader) : throw reader.Broken("jsonrpc is missing");
    }

    private JsonRpcKind Kind(in StrictReader reader)
    {
        var hasResult = !envelope.Result.Range.IsNone;
        var hasError = !envelope.Error.IsNone;
        if (!envelope.MethodName.IsNone)
        {
            return (hasResult || hasError, envelope.IdKind) switch
            {
                (true, _) => throw reader.Broken("method beside result or error"),
                (_, JsonRpcIdKind.Null) => throw reader.Broken("the id of a request must not be null"),
                (_, JsonRpcIdKind.None) => JsonRpcKind.Notification,
                _ => JsonRpcKind.Request,
            };
        }

        return (hasResult, hasError) switch
        {
            (true, true) => throw reader.Broken("result beside error"),
            (false, true) => JsonRpcKind.ErrorResponse,
            (true, false) when envelope.IdKind != JsonRpcIdKind.None => JsonRpcKind.Response,
            (true, false) => throw reader.Broken("a result needs an id"),
            _ => throw reader.Broken("neither method nor result nor error"),
        };
    }

    private void Id(ref StrictReader reader)
    {
        envelope.IdKind = reader.Token switch
        {
            JsonTokenType.String => JsonRpcIdKind.String,
            JsonTokenType.Null => JsonRpcIdKind.Null,
            JsonTokenType.Number => JsonRpcIdKind.Number,
            _ => throw reader.Broken("id must be a string or an integer"),
        };
        if (envelope.IdKind == JsonRpcIdKind.Number)
        {
            envelope.IdNumber = reader.IsInteger(out var number) ? number : throw reader.Broken("id must be a string or an integer");
        }

        envelope.Id = reader.Skip();
    }

    private void Method(ref StrictReader reader)
    {
        if (reader.Token != JsonTokenType.String)
        {
            throw reader.Broken("method must be a string");
        }

        Span<byte> text = stackalloc byte[LongestMethod];
        envelope.Method = McpMethods.Find(reader.ShortString(text));
        envelope.MethodName = reader.Skip();
    }

    private void Error(ref StrictReader reader)
    {
        if (reader.Token != JsonTokenType.StartObject)
        {
            throw reader.Broken("error must be an object");
        }

        var start = reader.Position;
        reader.Enter();
        while (reader.NextMember(out var name))
        {
            switch (ErrorNames.Find(name))
            {
                case 1:
                    envelope.ErrorCode = reader.TryGetInt32(out var code) ? code : 0;
                    envelope.ErrorCodeRange = reader.Skip();
                    break;
                case 2:
                    envelope.ErrorMessage = reader.Skip();
                    break;
                case 3:
                    envelope.ErrorData = reader.Skip();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        envelope.Error = new ByteRange(start, reader.Consumed - start);
    }

    // A name that only a lax parser takes for a known one would let the peer see another message than the one checked here.
    private static void Other(ref StrictReader reader, MemberTable known, ReadOnlySpan<byte> name)
    {
        if (known.IsTwin(name))
        {
            throw reader.Broken($"member \"{StrictReader.Shown(name)}\" differs from a known one only in case");
        }

        reader.Skip();
    }
}
