using System.Net;
using System.Net.Security;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Security;
using McpActors.Core.Configuration;
using McpActors.Gateway.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace McpActors.Gateway.Nodes;

/// <summary>Adds the listener for the other nodes to a node.</summary>
internal static class InternalHosting
{
    /// <summary>Largest message that one node carries for another: above every <c>limits.request</c>, because the bridge between the revisions may add to it.</summary>
    private const long MostMessage = 2L << 30;

    /// <summary>Registers what stands behind it.</summary>
    public static IServiceCollection AddInternal(this IServiceCollection services, ClusterOptions cluster)
    {
        services.AddSingleton<InternalEndpoints>().AddSingleton<BoundListener>();
        services.AddHostedService(provider => new InternalAddress(
            cluster, provider.GetRequiredService<BoundListener>(), provider.GetRequiredService<INodes>(), provider.GetRequiredService<IHostApplicationLifetime>()));
        return services;
    }

    /// <summary>Opens it.</summary>
    public static void Listen(KestrelServerOptions kestrel, ClusterOptions cluster)
    {
        var host = cluster.Internal.Host == "localhost" ? IPAddress.Loopback : ListenCheck.AddressOf(cluster.Internal.Host)!;
        kestrel.Listen(host, cluster.Internal.Port, options =>
        {
            options.Mark(ListenerRole.Internal);
            if (kestrel.ApplicationServices.GetService<BoundListener>() is { } bound)
                bound.Options = options;
            if (cluster.Tls.IsOn)
                Protect(options, new NodeCertificates(cluster.Tls, TimeProvider.System));
        });
    }

    // As in remoting: a certificate of the cluster's authority is membership.
    private static void Protect(ListenOptions options, NodeCertificates certificates)
    {
        var server = new SslServerAuthenticationOptions
        {
            ServerCertificate = certificates.Own,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificates.Trusts(certificate),
        };
        options.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(server) });
    }

    /// <summary>Its routes.</summary>
    public static void UseInternal(this IApplicationBuilder branch)
    {
        branch.UseMiddleware<InternalGuard>();
        branch.Use(static (context, next) =>
        {
            if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = MostMessage;
            return next(context);
        });
        branch.UseRouting();
        branch.UseEndpoints(routes =>
        {
            var endpoints = routes.ServiceProvider.GetRequiredService<InternalEndpoints>();
            routes.MapGet($"/{Parcels.Path}{{id}}", (RequestDelegate)endpoints.ParcelAsync);
            routes.MapGet($"/{InternalPaths.Connections}{{id}}", (RequestDelegate)endpoints.LoanAsync);
            routes.MapDelete($"/{Loans.Path}{{id}}", (RequestDelegate)endpoints.GiveBackAsync);
            routes.MapPost($"/{InternalPaths.Connections}{{id}}/calls", (RequestDelegate)endpoints.CallAsync);
            routes.MapPost($"/{InternalPaths.Connections}{{id}}/messages", (RequestDelegate)endpoints.MessageAsync);
            routes.MapPost($"/{IOverviewDesk.Path}{{question}}", (RequestDelegate)endpoints.OverviewAsync);
            routes.MapPost($"/{InternalPaths.Sessions}{{id}}", (RequestDelegate)endpoints.SessionAsync);
        });
    }
}
