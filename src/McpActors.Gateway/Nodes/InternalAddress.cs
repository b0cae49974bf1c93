using System.Net;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Nodes;
using McpActors.Core.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace McpActors.Gateway.Nodes;

/// <summary>The internal listener as Kestrel bound it.</summary>
internal sealed class BoundListener
{
    /// <summary>Its options; the end point in them is the real one once the server runs.</summary>
    public ListenOptions? Options { get; set; }
}

/// <summary>Tells the other nodes where this one's internal listener is, once it is open.</summary>
internal sealed class InternalAddress(ClusterOptions cluster, BoundListener listener, INodes nodes, IHostApplicationLifetime life) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        life.ApplicationStarted.Register(Announce);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Announce()
    {
        if (listener.Options?.IPEndPoint is not { } bound)
            return;
        var host = bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any)
            ? OwnAddress.Of(cluster)
            : bound.Address.ToString();
        nodes.Announce(new UriBuilder(cluster.Tls.IsOn ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host, bound.Port).Uri);
    }
}
