using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using Akka.Serialization;
using Google.Protobuf;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Serialization;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Tests.Serialization;

/// <summary>A rolling upgrade from the side of the older node: what it does not know harms neither the connection nor who it was meant for.</summary>
public sealed class NewerNodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    [Fact]
    public async Task Message_of_a_kind_that_only_a_newer_node_knows_is_logged_and_dropped()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using var older = await TestNode.StartAsync(settings);
        var address = ClusterExtension.Get(older.System).SelfAddress;
        var heard = new ConcurrentQueue<object>();
        var ear = older.System.ActorOf(Props.Create(() => new Ear(heard)));
        foreach (var type in (Type[])[typeof(Warning), typeof(Error), typeof(AssociationErrorEvent), typeof(DisassociatedEvent), typeof(QuarantinedEvent)])
            older.System.EventStream.Subscribe(ear, type);
        var target = older.System.ActorOf(Props.Create(() => new Ear(heard)), "target");
        using var newer = await StartNewerAsync(settings with { Seeds = [$"{address.Host}:{address.Port}"] });
        var system = newer.Services.GetRequiredService<ActorSystem>();
        var remote = await system.ActorSelection($"{address}/user/target").ResolveOne(TimeSpan.FromSeconds(20), Soon);

        remote.Tell(new FromTheFuture());
        // The same way, so it comes after the other.
        remote.Tell(new GetCard());

        await UntilAsync(() => heard.Any(message => message is GetCard));
        heard.ShouldNotContain(message => message is FromTheFuture);
        await UntilAsync(() => heard.OfType<LogEvent>().Any(line => line.ToString().Contains("server-from-the-future-v1", StringComparison.Ordinal)));
        heard.ShouldNotContain(message => message is AssociationErrorEvent || message is DisassociatedEvent || message is QuarantinedEvent);
        ClusterExtension.Get(older.System).State.Unreachable.ShouldBeEmpty();
        _ = target;
    }

    [Fact]
    public void Field_that_only_a_newer_node_knows_does_not_keep_the_others_from_being_read()
    {
        using var system = ActorSystem.Create("wire");
        var serializer = new WireSerializer((ExtendedActorSystem)system);
        foreach (var (name, sample) in WireSamples.All)
        {
            using var longer = new MemoryStream();
            var written = serializer.ToBinary(sample);
            longer.Write(written);
            using (var output = new CodedOutputStream(longer, leaveOpen: true))
            {
                output.WriteTag(19_000_001, Google.Protobuf.WireFormat.WireType.LengthDelimited);
                output.WriteString("something new");
            }

            var read = serializer.FromBinary(longer.ToArray(), name.Split('.')[0]);

            serializer.ToBinary(read).ShouldBe(written, name);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<IHost> StartNewerAsync(NodeSettings settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IRevisionReader, NoRevisions>();
        builder.Services.AddMcpCluster(settings, CatalogueFile.Empty, (akka, _) =>
            akka.WithCustomSerializer("newer", [typeof(FromTheFuture)], system => new NewerSerializer(system)));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var limit = Soon;
        while (!condition())
            await timer.WaitForNextTickAsync(limit);
    }

    private sealed record FromTheFuture;

    private sealed class Ear : ReceiveActor
    {
        public Ear(ConcurrentQueue<object> heard) => ReceiveAny(heard.Enqueue);
    }

    /// <summary>The product's serializer, one version on.</summary>
    private sealed class NewerSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        private readonly WireSerializer _today = new(system);

        public override int Identifier => WireSerializer.SerializerId;

        public override string Manifest(object o) => o is FromTheFuture ? "server-from-the-future-v1" : _today.Manifest(o);

        public override byte[] ToBinary(object obj) => obj is FromTheFuture ? [] : _today.ToBinary(obj);

        public override object FromBinary(byte[] bytes, string manifest) => _today.FromBinary(bytes, manifest);
    }
}
