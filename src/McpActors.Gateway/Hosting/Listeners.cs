using McpActors.Cluster.Security;
using McpActors.Core.Configuration;
using McpActors.Gateway.Front;
using McpActors.Gateway.Front.Security;
using McpActors.Gateway.Management;
using McpActors.Gateway.Nodes;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace McpActors.Gateway.Hosting;

/// <summary>The node's listeners: their addresses, and what a request passes on its way to an endpoint.</summary>
internal static partial class Listeners
{
    /// <summary>Opens them.</summary>
    public static void Open(KestrelServerOptions kestrel, GatewayConfiguration configuration)
    {
        KestrelHardening.Apply(kestrel, configuration.Limits.Request);
        Open(kestrel, configuration.Front, ListenerRole.Front);
        Open(kestrel, configuration.Management, ListenerRole.Management);
        InternalHosting.Listen(kestrel, configuration.Cluster);
    }

    /// <summary>What is wrong with addresses and certificates, a line each; empty when the node can start.</summary>
    public static IReadOnlyList<string> Faults(GatewayConfiguration configuration) =>
    [
        .. ListenCheck.Faults(configuration),
        .. new[]
        {
            CertificateSource.Fault("front.tls", configuration.Front.Tls),
            CertificateSource.Fault("management.tls", configuration.Management.Tls),
            ClusterFault(configuration.Cluster.Tls),
        }.OfType<string>(),
    ];

    private static string? ClusterFault(TlsOptions options)
    {
        try
        {
            _ = options.IsOn ? new NodeCertificates(options, TimeProvider.System) : null;
            return null;
        }
        catch (InvalidDataException fault)
        {
            return $"cluster.tls: {fault.Message}";
        }
    }

    /// <summary>The way of requests of operators.</summary>
    public static void ManagementPipeline(IApplicationBuilder branch, ListenerOptions options)
    {
        Begin(branch, options);
        branch.UseMiddleware<EndedNode>();
        branch.UseStatusCodePages(Answers.ExplainAsync);
        branch.UseRouting();
        if (options.Auth.Mode == AuthMode.Keys)
            branch.UseMiddleware<KeyGate>(options.Auth, (Func<HttpContext, Cli.Permission>)KeyGate.OfManagement);
        branch.UseEndpoints(routes => routes.MapManagement());
    }

    /// <summary>The way of requests of clients.</summary>
    public static void FrontPipeline(IApplicationBuilder branch, ListenerOptions options)
    {
        Begin(branch, options);
        branch.UseRouting();
        if (options.Auth.Mode == AuthMode.Keys)
            branch.UseMiddleware<KeyGate>(options.Auth, (Func<HttpContext, Cli.Permission>)KeyGate.OfFront);
        branch.UseEndpoints(routes => routes.MapFront());
    }

    /// <summary>The URL of a listener, for people.</summary>
    public static Uri UrlOf(ListenerOptions options)
    {
        if (options.PublicUrl is { } shown)
            return new Uri(shown.GetLeftPart(UriPartial.Authority) + "/");
        var (host, port) = options.Listen;
        // What listens everywhere is reached by many names; this one is right on this machine.
        var name = host is "*" or "0.0.0.0" or "::" ? "localhost" : host.Contains(':') ? $"[{host}]" : host;
        return new Uri($"{(options.Tls.IsOn ? "https" : "http")}://{name}:{port}/");
    }

    /// <summary>What comes before routing on both: who is believed about the caller, and what is refused unseen.</summary>
    internal static void Begin(IApplicationBuilder branch, ListenerOptions options)
    {
        if (options.TrustedProxies.Count > 0)
            branch.UseForwardedHeaders(Forwarded(options));
        branch.UseMiddleware<ListenerGuard>(new ListenerPolicy(options.AllowedHosts, options.AllowedOrigins, options.PublicUrl));
        branch.UseMiddleware<RequestIds>();
    }

    /// <summary>The caller's address and scheme, believed of these proxies only. Host is not taken over: proxies pass it on, or it is in allowedHosts.</summary>
    private static ForwardedHeadersOptions Forwarded(ListenerOptions options)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in options.TrustedProxies)
            forwarded.KnownIPNetworks.Add(network);
        return forwarded;
    }

    private static void Open(KestrelServerOptions kestrel, ListenerOptions options, ListenerRole role)
    {
        var address = options.Listen;
        if (address.Host == "localhost")
            kestrel.ListenLocalhost(address.Port, listen => Set(listen, options, role));
        else
            kestrel.Listen(ListenCheck.AddressOf(address.Host)!, address.Port, listen => Set(listen, options, role));
    }

    private static void Set(ListenOptions listen, ListenerOptions options, ListenerRole role)
    {
        listen.Mark(role);
        if (!options.Tls.IsOn)
            return;
        var log = listen.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Listeners));
        var source = new CertificateSource(options.Tls, TimeProvider.System, fault => LogKept(log, role, fault));
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(source.Current()) });
    }

    [LoggerMessage(110, LogLevel.Warning, "The changed certificate of {Listener} is not used, the old one stays in force: {Fault}")]
    private static partial void LogKept(ILogger log, ListenerRole listener, string fault);
}
