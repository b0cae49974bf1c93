using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Cluster.Servers;

/// <summary>
/// Something an upstream said outside any call: a notification for its clients, or (only where a client listens) a request to one of them. Published on the
/// event stream of the node that holds the connection.
/// </summary>
/// <param name="Server">The server.</param>
/// <param name="Slot">Whose upstream session it came over; the shared one's news are for all clients of the server.</param>
/// <param name="Connection">The connection, to post the answer to a request on.</param>
/// <param name="Message">The message as the upstream wrote it; not changed afterwards.</param>
/// <param name="IsRequest">Whether the upstream waits for an answer.</param>
public sealed record UpstreamNews(ServerId Server, SlotKey Slot, ConnectionId Connection, ReadOnlyMemory<byte> Message, bool IsRequest);
