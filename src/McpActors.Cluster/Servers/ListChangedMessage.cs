using McpActors.Core.Servers.Catalogue;

namespace McpActors.Cluster.Servers;

/// <summary>The notification that tells clients of a changed list, for changes that the gateway found out by itself.</summary>
internal static class ListChangedMessage
{
    private static readonly byte[] Tools = Compose("tools"), Prompts = Compose("prompts"), Resources = Compose("resources");

    public static ReadOnlyMemory<byte> Of(ListKind kind) => kind switch
    {
        ListKind.Tools => Tools,
        ListKind.Prompts => Prompts,
        _ => Resources,
    };

    private static byte[] Compose(string what) =>
        System.Text.Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","method":"notifications/{{what}}/list_changed"}""");
}
