using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>The first and the last message of a <c>subscriptions/listen</c> stream.</summary>
internal static class Listening
{
    private const string SubscriptionId = "io.modelcontextprotocol/subscriptionId";

    public static JsonObject Acknowledge(Listener listener) => new()
    {
        ["jsonrpc"] = "2.0",
        ["method"] = "notifications/subscriptions/acknowledged",
        ["params"] = new JsonObject
        {
            ["notifications"] = listener.Wanted.DeepClone(),
            ["_meta"] = new JsonObject { [SubscriptionId] = listener.Id.DeepClone() },
        },
    };

    public static JsonObject End(Listener listener) => new()
    {
        ["jsonrpc"] = "2.0",
        ["id"] = listener.Id.DeepClone(),
        ["result"] = new JsonObject
        {
            ["resultType"] = "complete",
            ["_meta"] = new JsonObject { [SubscriptionId] = listener.Id.DeepClone() },
        },
    };
}
