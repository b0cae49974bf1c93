using McpActors.Cluster.Feed;
using static McpActors.Cluster.Serialization.WireTypes;
using Proto = McpActors.Cluster.Serialization.Protos.Feed;

namespace McpActors.Cluster.Serialization;

/// <summary>The live feed on the wire.</summary>
internal static class FeedWire
{
    public static void Register(WireFormatBuilder wire) => wire.Add<TransitionNews, Proto.Transition>(
        "feed-transition-v1",
        news => new Proto.Transition
        {
            Kind = Names.Write<TransitionKind, Proto.Kind>(news.Transition.Kind),
            Subject = news.Transition.Subject,
            What = news.Transition.What,
            Text = news.Transition.Text,
            At = ToTicks(news.Transition.At),
            Node = news.Transition.Node,
        },
        p => new TransitionNews(new Transition(Names.Read<Proto.Kind, TransitionKind>(p.Kind), p.Subject, p.What, p.Text, ToTime(p.At), p.Node)));
}
