using System.Text.Json;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Catalogue;

/// <summary>What an upstream's capabilities say about its lists.</summary>
internal static class PeerCapabilities
{
    /// <summary>The lists that a server may be asked for: those whose capability it declares.</summary>
    internal static ListKinds Lists(PeerInfo peer)
    {
        var kinds = ListKinds.None;
        if (peer.Capabilities.IsEmpty)
        {
            return kinds;
        }

        var reader = new Utf8JsonReader(peer.Capabilities.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return kinds;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("tools"u8))
            {
                kinds |= ListKinds.Tools;
            }
            else if (reader.ValueTextEquals("prompts"u8))
            {
                kinds |= ListKinds.Prompts;
            }
            else if (reader.ValueTextEquals("resources"u8))
            {
                kinds |= ListKinds.Resources | ListKinds.ResourceTemplates;
            }

            reader.Read();
            reader.Skip();
        }

        return kinds;
    }
}
