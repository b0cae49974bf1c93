using System.Text.Json;

namespace McpActors.Core.Protocol.JsonRpc;

internal readonly ref partial struct EnvelopeScan
{
    private static readonly MemberTable ResultNames = new(
        "_meta", "resultType", "ttlMs", "cacheScope", "nextCursor", "isError", "content", "structuredContent",
        "tools", "prompts", "resources", "resourceTemplates", "contents", "messages",
        "protocolVersion", "supportedVersions", "capabilities", "serverInfo", "instructions", "inputRequests", "requestState");

    /// <summary>The value of <c>result</c>, whose first token was read.</summary>
    internal void Result(ref StrictReader reader)
    {
        ref var found = ref envelope.MutableResult;
        found.IsComplete = true;
        if (reader.Token != JsonTokenType.StartObject)
        {
            found.Range = reader.Skip();
            return;
        }

        found.IsObject = true;
        var start = reader.Position;
        reader.Enter();
        while (reader.NextMember(out var name))
        {
            var member = ResultNames.Find(name);
            switch (member)
            {
                case 1:
                    Meta(ref reader, isRequest: false);
                    break;
                case 2:
                    found.IsComplete = reader.ValueIs("complete"u8);
                    found.IsInputRequired = reader.ValueIs("input_required"u8);
                    found.ResultType = reader.Skip();
                    break;
                case 6:
                    found.IsError = reader.Token == JsonTokenType.True;
                    found.IsErrorRange = reader.Skip();
                    break;
                default:
                    ResultMember(ref found, member, reader.Skip());
                    break;
            }
        }

        found.Range = new ByteRange(start, reader.Consumed - start);
    }

    private static void ResultMember(ref ResultMembers found, int member, ByteRange value)
    {
        switch (member)
        {
            case 3:
                found.TtlMs = value;
                break;
            case 4:
                found.CacheScope = value;
                break;
            case 5:
                found.NextCursor = value;
                break;
            case 7:
                found.Content = value;
                break;
            case 8:
                found.StructuredContent = value;
                break;
            case 9:
                found.Tools = value;
                break;
            case 10:
                found.Prompts = value;
                break;
            case 11:
                found.Resources = value;
                break;
            case 12:
                found.ResourceTemplates = value;
                break;
            case 13:
                found.Contents = value;
                break;
            case 14:
                found.Messages = value;
                break;
            default:
                HandshakeMember(ref found, member, value);
                break;
        }
    }

    private static void HandshakeMember(ref ResultMembers found, int member, ByteRange value)
    {
        switch (member)
        {
            case 15:
                found.ProtocolVersion = value;
                break;
            case 16:
                found.SupportedVersions = value;
                break;
            case 17:
                found.Capabilities = value;
                break;
            case 18:
                found.ServerInfo = value;
                break;
            case 19:
                found.Instructions = value;
                break;
            case 20:
                found.InputRequests = value;
                break;
            case 21:
                found.RequestState = value;
                break;
        }
    }
}
