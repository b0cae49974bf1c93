using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Servers;

/// <summary>Where a server's actor finds its definition. Asked on every call, so it must be a look-up in memory; a model is replaced whole.</summary>
public interface IServerModels
{
    /// <summary>The definition in force; null when there is no such server.</summary>
    ServerModel? Find(ServerId server);
}

/// <summary>The definitions of the node's catalogue.</summary>
internal sealed class CatalogueModels(ICatalogue catalogue) : IServerModels
{
    public ServerModel? Find(ServerId server) => catalogue.Current.Find(server);
}
