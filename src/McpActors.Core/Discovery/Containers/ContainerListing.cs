using System.Buffers;
using System.Text.Json;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;

namespace McpActors.Core.Discovery.Containers;

/// <summary>Makes servers of what an engine lists. Containers with the same id are replicas of one server.</summary>
public static class ContainerListing
{
    /// <summary>Replicas of one server at most; further ones are left out.</summary>
    public const int MostReplicas = 16;

    private const int LongestReason = 300;

    /// <summary>The servers, by id.</summary>
    public static IReadOnlyList<DiscoveredServer> Servers(IEnumerable<ContainerFacts> containers, ContainerLabels labels, ContainerReach reach) =>
    [
        .. containers.Where(container => container.Labels.GetValueOrDefault(labels.Server) is { Length: > 0 })
            .GroupBy(container => ServerId.FromName(container.Labels[labels.Server]))
            .OrderBy(static group => group.Key.Value, StringComparer.Ordinal)
            .Select(group => Server(group.Key, [.. group.OrderBy(static container => container.Created).ThenBy(static container => container.Name, StringComparer.Ordinal)], labels, reach)),
    ];

    private static DiscoveredServer Server(ServerId id, IReadOnlyList<ContainerFacts> containers, ContainerLabels labels, ContainerReach reach)
    {
        var server = new DiscoveredServer(id, containers[0].Name) { Title = labels.TitleOf(containers[0]) };
        var read = containers.Select(container => labels.AddressOf(container, reach)).ToList();
        // By address and not by age: which replica came back last changes nothing.
        var urls = read.Select(static address => address.Url).OfType<Uri>().Distinct().OrderBy(static url => url.AbsoluteUri, StringComparer.Ordinal).Take(MostReplicas).ToList();
        if (urls.Count > 0)
            return server with { Definition = Write(server.Title, urls) };
        var reason = string.Join("; ", read.Select(static address => address.Fault).Distinct(StringComparer.Ordinal));
        return server with { Unavailable = reason.Length <= LongestReason ? reason : reason[..(LongestReason - 1)] + "…" };
    }

    private static byte[] Write(string title, List<Uri> urls)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("title", title);
            if (urls.Count == 1)
            {
                writer.WriteString("url", urls[0].AbsoluteUri);
            }
            else
            {
                writer.WriteStartArray("endpoints");
                foreach (var url in urls)
                {
                    writer.WriteStartObject();
                    writer.WriteString("url", url.AbsoluteUri);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
