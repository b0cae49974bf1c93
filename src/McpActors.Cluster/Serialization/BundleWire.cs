using Google.Protobuf;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bundles;
using Proto = McpActors.Cluster.Serialization.Protos.Calls;

namespace McpActors.Cluster.Serialization;

/// <summary>Several commands about calls, or several answers, in one message; each has the form that it has alone.</summary>
internal static class BundleWire
{
    public static void Register(WireFormatBuilder wire) => wire
        .Add<BundleProtocol.Said, Proto.Bundle>(
            "server-bundle-v1",
            b => new Proto.Bundle { Server = b.Server.Value, Number = b.Number, Commands = { b.Commands.Select(Write) } },
            p => new BundleProtocol.Said(new ServerId(p.Server), p.Number, [.. p.Commands.Select(command => (IServerCommand)Read(command))]))
        .Add<BundleProtocol.Answered, Proto.Answers>(
            "server-answers-v1",
            b => new Proto.Answers
            {
                Server = b.Server.Value,
                Number = b.Number,
                Said = { b.Answers.Select(answer => new Proto.BundledAnswer { Call = answer.Call.Value, Reply = Write(answer.Reply) }) },
            },
            p => new BundleProtocol.Answered(
                new ServerId(p.Server), p.Number, [.. p.Said.Select(answer => new CallAnswer(new CallId(answer.Call), (IServerReply)Read(answer.Reply)))]));

    private static Proto.Bundled Write(object said)
    {
        var entry = WireFormat.Current.For(said.GetType());
        return new Proto.Bundled { Manifest = entry.Manifest, Content = entry.Write(said).ToByteString() };
    }

    private static object Read(Proto.Bundled said) => WireFormat.Current.For(said.Manifest).Read(said.Content.ToByteArray());
}
