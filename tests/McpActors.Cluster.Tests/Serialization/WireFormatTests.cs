using System.Runtime.CompilerServices;
using Akka.Actor;
using McpActors.Cluster.Serialization;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Health;
using McpActors.Core.Security.Keys;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Tests.Serialization;

public sealed class WireFormatTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("wire");
    private readonly WireSerializer _serializer;

    public WireFormatTests() => _serializer = new WireSerializer((ExtendedActorSystem)_system);

    public static TheoryData<string> SampleNames => [.. WireSamples.All.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// The bytes of every stored and sent type, as they were when it was made. Set MCPACTORS_WRITE_GOLDEN to make the files of new samples; one that exists
    /// is never written again: what it holds is in somebody's journal.
    /// </summary>
    [Theory]
    [MemberData(nameof(SampleNames))]
    public void Golden_bytes_are_written_and_read_for_ever(string name)
    {
        var sample = WireSamples.All[name];
        var file = Path.Combine(GoldenFolder(), name + ".bin");
        var written = _serializer.ToBinary(sample);
        if (!File.Exists(file) && Environment.GetEnvironmentVariable("MCPACTORS_WRITE_GOLDEN") is not null)
            File.WriteAllBytes(file, written);

        var golden = File.ReadAllBytes(file);
        written.ShouldBe(golden);
        var read = _serializer.FromBinary(golden, Manifest(name));
        read.ShouldBeOfType(sample.GetType());
        _serializer.ToBinary(read).ShouldBe(golden);
        _serializer.Manifest(sample).ShouldBe(Manifest(name));
    }

    [Fact]
    public void Every_registered_manifest_has_a_sample() =>
        WireSamples.All.Keys.Select(Manifest).Distinct().Order().ShouldBe(WireFormat.Current.Manifests.Order());

    [Fact]
    public void Everything_that_sessions_and_the_catalogue_say_and_every_event_is_registered()
    {
        Type[] markers =
        [
            typeof(ISessionCommand), typeof(ISessionQuery), typeof(ISessionEvent), typeof(ISessionReply),
            typeof(IDiscoveryCommand), typeof(IDiscoveryEvent), typeof(IDiscoveryReply), typeof(IServerEvent),
            typeof(IHealthCommand), typeof(IHealthEvent), typeof(IHealthReply),
            typeof(ISourcesCommand), typeof(ISourcesEvent), typeof(ISourcesReply),
            typeof(IKeyCommand), typeof(IKeyEvent), typeof(IKeyReply),
            typeof(IServerCommand), typeof(IServerQuery), typeof(IServerReply),
        ];
        var said = typeof(ServerId).Assembly.GetTypes().Where(type => !type.IsAbstract && markers.Any(marker => marker.IsAssignableFrom(type))).ToList();

        said.Count.ShouldBeGreaterThan(50);
        said.Except(WireFormat.Current.Types).ShouldBeEmpty();
    }

    [Fact]
    public void Unregistered_type_and_unknown_manifest_throw()
    {
        Should.Throw<ArgumentException>(() => _serializer.ToBinary("text")).Message.ShouldContain("System.String");
        Should.Throw<ArgumentException>(() => _serializer.Manifest(new object()));
        Should.Throw<ArgumentException>(() => _serializer.FromBinary([], "session-opened-v9")).Message.ShouldContain("session-opened-v9");
    }

    [Fact]
    public void Manifest_without_a_version_is_refused() =>
        Should.Throw<ArgumentException>(() => new WireFormat([new WireEntry("session-opened", typeof(string), _ => null!, _ => null!)]));

    [Fact]
    public void Event_that_lacks_what_it_must_say_is_not_read_as_something_else() =>
        Should.Throw<InvalidDataException>(() => _serializer.FromBinary([], "session-closed-v1"));

    public void Dispose() => _system.Dispose();

    private static string Manifest(string sample) => sample.Split('.')[0];

    private static string GoldenFolder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Golden");
}
