using System.Text.Json;

namespace McpActors.Core.Protocol.JsonRpc;

internal readonly ref partial struct EnvelopeScan
{
    private static readonly MemberTable ParamNames = new(
        "_meta", "name", "uri", "taskId", "cursor", "arguments", "ref", "requestId", "progressToken", "level",
        "protocolVersion", "capabilities", "clientInfo", "inputResponses", "requestState", "task");

    private static readonly MemberTable ReferenceNames = new("type", "name", "uri");

    private static readonly MemberTable MetaNames = new(
        MetaKeys.ProgressToken, MetaKeys.ProtocolVersion, MetaKeys.ClientCapabilities, MetaKeys.ClientInfo, MetaKeys.LogLevel,
        MetaKeys.ServerInfo, MetaKeys.SubscriptionId, MetaKeys.TraceParent, MetaKeys.TraceState, MetaKeys.Baggage, MetaKeys.IdempotencyKey);

    private void Params(ref StrictReader reader)
    {
        ref var found = ref envelope.MutableParams;
        if (reader.Token == JsonTokenType.Null)
        {
            found.IsNull = true;
            found.Range = reader.Skip();
            return;
        }

        if (reader.Token != JsonTokenType.StartObject)
        {
            throw reader.Broken("params must be an object");
        }

        var start = reader.Position;
        reader.Enter();
        while (reader.NextMember(out var name))
        {
            Param(ref reader, ref found, ParamNames.Find(name), name);
        }

        found.Range = new ByteRange(start, reader.Consumed - start);
    }

    private void Param(ref StrictReader reader, ref ParamsMembers found, int member, ReadOnlySpan<byte> name)
    {
        switch (member)
        {
            case 1:
                Meta(ref reader, isRequest: true);
                break;
            case 2:
                found.Name = reader.Skip();
                break;
            case 3:
                found.Uri = reader.Skip();
                break;
            case 4:
                found.TaskId = reader.Skip();
                break;
            case 5:
                found.Cursor = reader.Skip();
                break;
            case 6:
                found.Arguments = reader.Skip();
                break;
            case 7:
                Reference(ref reader, ref found);
                break;
            case 8:
                found.RequestId = reader.Skip();
                break;
            case 9:
                found.ProgressToken = reader.Skip();
                break;
            case 10:
                found.Level = reader.Skip();
                break;
            default:
                RareParam(ref reader, ref found, member, name);
                break;
        }
    }

    private static void RareParam(ref StrictReader reader, ref ParamsMembers found, int member, ReadOnlySpan<byte> name)
    {
        switch (member)
        {
            case 11:
                found.ProtocolVersion = reader.Skip();
                break;
            case 12:
                found.Capabilities = reader.Skip();
                break;
            case 13:
                found.ClientInfo = reader.Skip();
                break;
            case 14:
                found.InputResponses = reader.Skip();
                break;
            case 15:
                found.RequestState = reader.Skip();
                break;
            case 16:
                found.Task = reader.Skip();
                break;
            default:
                Other(ref reader, ParamNames, name);
                break;
        }
    }

    private static void Reference(ref StrictReader reader, ref ParamsMembers found)
    {
        if (reader.Token != JsonTokenType.StartObject)
        {
            found.Reference = reader.Skip();
            return;
        }

        var start = reader.Position;
        reader.Enter();
        while (reader.NextMember(out var name))
        {
            switch (ReferenceNames.Find(name))
            {
                case 1:
                    found.ReferenceType = reader.Skip();
                    break;
                case 2:
                    found.ReferenceName = reader.Skip();
                    break;
                case 3:
                    found.ReferenceUri = reader.Skip();
                    break;
                default:
                    Other(ref reader, ReferenceNames, name);
                    break;
            }
        }

        found.Reference = new ByteRange(start, reader.Consumed - start);
    }

    private void Meta(ref StrictReader reader, bool isRequest)
    {
        ref var found = ref envelope.MutableMeta;
        if (reader.Token != JsonTokenType.StartObject)
        {
            // A server's odd _meta is its own affair; a caller's would be rewritten, so it has to be what the protocol says, or nothing.
            found.IsNull = !isRequest || reader.Token == JsonTokenType.Null ? true : throw reader.Broken("_meta must be an object");
            reader.Skip();
            return;
        }

        var start = reader.Position;
        reader.Enter();
        while (reader.NextMember(out var name))
        {
            found.HasGatewayKeys |= name.StartsWith(MetaKeys.GatewayPrefix);
            var member = MetaNames.Find(name);
            if (member == 0 && isRequest)
            {
                Other(ref reader, MetaNames, name);
            }
            else
            {
                MetaMember(ref found, member, reader.Skip());
            }
        }

        found.Range = new ByteRange(start, reader.Consumed - start);
    }

    private static void MetaMember(ref MetaMembers found, int member, ByteRange value)
    {
        switch (member)
        {
            case 1:
                found.ProgressToken = value;
                break;
            case 2:
                found.ProtocolVersion = value;
                break;
            case 3:
                found.ClientCapabilities = value;
                break;
            case 4:
                found.ClientInfo = value;
                break;
            case 5:
                found.LogLevel = value;
                break;
            case 6:
                found.ServerInfo = value;
                break;
            case 7:
                found.SubscriptionId = value;
                break;
            case 8:
                found.TraceParent = value;
                break;
            case 9:
                found.TraceState = value;
                break;
            case 10:
                found.Baggage = value;
                break;
            case 11:
                found.IdempotencyKey = value;
                break;
        }
    }
}
