using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Hosting.SBR;
using Akka.Configuration;
using Akka.Event;
using Akka.Hosting;
using Akka.Remote.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Security;
using McpActors.Core.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Hosting;

/// <summary>Turns <see cref="NodeSettings"/> into a node: remoting, membership, failure detection, logging, shutdown.</summary>
public static class NodeHosting
{
    /// <summary>Adds remoting and failure detection; how the node joins is in <see cref="MembershipHosting"/>.</summary>
    public static AkkaConfigurationBuilder WithMcpNode(this AkkaConfigurationBuilder builder, NodeSettings node)
    {
        var file = ConfigurationFactory.ParseString(ReadResource("node.conf"));
        builder
            .ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = LogLevel.InfoLevel;
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .WithStrictSerialization()
            .WithRemoting(new RemoteOptions
            {
                HostName = node.BindHost == "*" ? "0.0.0.0" : node.BindHost,
                Port = node.BindPort,
                PublicHostName = node.AdvertiseHost ?? node.BindHost,
                PublicPort = node.AdvertisePort,
                EnableSsl = node.Tls.IsOn,
                Ssl = node.Tls.IsOn ? Protected(new NodeCertificates(node.Tls, TimeProvider.System)) : new SslOptions(),
            })
            .WithClustering(new Akka.Cluster.Hosting.ClusterOptions
            {
                SplitBrainResolver = new KeepMajorityOption(),
                LogInfo = false,
            })
            .AddHocon(file, HoconAddMode.Prepend)
            .AddHocon(file.GetConfig($"failover.{Name(node.Failover)}"), HoconAddMode.Prepend)
            .AddHocon(Computed(node), HoconAddMode.Prepend);
        return builder;
    }

    /// <summary>Options of every shard region: state in memory of the cluster, entities woken by their first message.</summary>
    public static ShardOptions EntityShards(object? handOffStopMessage = null) => new()
    {
        StateStoreMode = Akka.Cluster.Sharding.StateStoreMode.DData,
        RememberEntities = false,
        Role = NodeSettings.WorkerRole,
        // Each entity knows best when it is idle.
        ShouldPassivateIdleEntities = false,
        HandOffStopMessage = handOffStopMessage,
    };

    /// <summary>Both sides of each connection show a certificate of the cluster's authority; who cannot is refused, and the log says who it was.</summary>
    private static SslOptions Protected(NodeCertificates certificates) => new()
    {
        X509Certificate = certificates.Own,
        SuppressValidation = false,
        RequireMutualAuthentication = true,
        ValidateCertificateHostname = false,
        CustomValidator = (certificate, _, peer, _, log) =>
        {
            if (certificates.Trusts(certificate))
                return true;
            log.Warning("A stranger was refused: {Peer} showed {Subject}, which the authority of cluster.tls did not issue or which is not valid now",
                peer, certificate?.Subject ?? "no certificate");
            return false;
        },
    };

    /// <summary>Notes this life of the node in the journal, which warms its write side.</summary>
    internal static async Task NoteStartAsync(IServiceProvider services, CancellationToken ct)
    {
        var system = services.GetRequiredService<ActorSystem>();
        var node = services.GetRequiredService<NodeSettings>();
        var self = ClusterExtension.Get(system).SelfUniqueAddress;
        var incarnation = string.Create(CultureInfo.InvariantCulture, $"{self.Address.Host}:{self.Address.Port}-{self.Uid}");
        var log = system.ActorOf(NodeLog.Props(incarnation, services.GetRequiredService<JournalHealth>(), node.Recorder), "node-log");
        var started = new NodeStarted(
            $"{self.Address.Host}:{self.Address.Port}",
            typeof(NodeHosting).Assembly.GetName().Version?.ToString(3) ?? "",
            node.Roles,
            services.GetRequiredService<TimeProvider>().GetUtcNow());
        await log.Ask<Status.Success>(started, Timeout.InfiniteTimeSpan, ct);
    }

    private static Config Computed(NodeSettings node)
    {
        var drain = Milliseconds(node.Drain + TimeSpan.FromSeconds(2));
        var roles = string.Join(", ", node.Roles.Append(NodeNames.AsRole(node.Name)).Select(role => $"\"{JsonEncodedText.Encode(role)}\""));
        return ConfigurationFactory.ParseString($$"""
            akka.cluster.roles = [{{roles}}]
            akka.cluster.run-coordinated-shutdown-when-down = {{(node.OwnsProcess ? "on" : "off")}}
            akka.coordinated-shutdown.phases {
              before-service-unbind.timeout = {{Milliseconds(node.Notice + TimeSpan.FromSeconds(2))}}
              service-requests-done.timeout = {{drain}}
              service-stop.timeout = 8s
              cluster-exiting.timeout = 8s
              cluster-sharding-shutdown-region.timeout = 10s
              {{ShutdownPhases.MovedCallsPhase}} { depends-on = [cluster-sharding-shutdown-region], timeout = {{drain}} }
              cluster-leave.depends-on = [{{ShutdownPhases.MovedCallsPhase}}]
              actor-system-terminate.timeout = 10s
            }
            """);
    }

    private static string Name(FailoverMode pace) => pace switch
    {
        FailoverMode.Fast => "fast",
        FailoverMode.Balanced => "balanced",
        FailoverMode.Safe => "safe",
        _ => throw new ArgumentOutOfRangeException(nameof(pace)),
    };

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms";

    private static string ReadResource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"McpActors.Cluster.Hosting.{name}")
            ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
