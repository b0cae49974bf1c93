using System.Net.Sockets;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Models;
using Docker.DotNet.NativeHttp;
using McpActors.Core.Discovery.Containers;
using Filters = System.Collections.Generic.Dictionary<string, System.Collections.Generic.IDictionary<string, bool>>;

namespace McpActors.Transports.Docker;

/// <summary>The Docker engine at an address. Opens no connection before it is asked.</summary>
public sealed class DockerEngine : IContainerEngine
{
    private const string DefaultAddress = "unix:///var/run/docker.sock";

    private static readonly string DefaultCertificates = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    /// <summary>For one listing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly string[] States = ["running", "paused"];
    private static readonly string[] Actions = ["start", "die", "destroy", "pause", "unpause", "rename"];

    private readonly string _address;
    private readonly Lazy<DockerClient> _client;

    /// <param name="address">As in <c>DOCKER_HOST</c>: unix://, tcp:// or http://; null or empty is the engine's own socket.</param>
    /// <param name="certificates">As in <c>DOCKER_CERT_PATH</c>: the folder with ca.pem, cert.pem and key.pem for an engine behind TLS; null: without TLS.</param>
    public DockerEngine(string? address, string? certificates = null)
    {
        _address = string.IsNullOrEmpty(address) ? DefaultAddress : address;
        // What could not be connected is tried again: the files may be there by then.
        _client = new Lazy<DockerClient>(() => Connect(_address, certificates), LazyThreadSafetyMode.PublicationOnly);
        RemoteHost = Uri.TryCreate(_address, UriKind.Absolute, out var uri) && uri.Scheme != "unix" && !uri.IsLoopback ? uri.Host : null;
    }

    /// <summary>The engine that the environment of this process names, as Docker's own programs read it.</summary>
    public static DockerEngine OfEnvironment() => new(Given("DOCKER_HOST"), Given("DOCKER_TLS_VERIFY") is null ? null : Given("DOCKER_CERT_PATH") ?? DefaultCertificates);

    /// <inheritdoc/>
    public string? RemoteHost { get; }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ContainerFacts>> ListAsync(string label, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        return await AskAsync(
            async client =>
            {
                var listed = await client.Containers.ListContainersAsync(new ContainersListParameters { Filters = Filter(("label", [label]), ("status", States)) }, limit.Token);
                return (IReadOnlyList<ContainerFacts>)[.. listed.Select(Facts)];
            },
            $"did not answer within {Patience.TotalSeconds:0} s",
            ct);
    }

    /// <inheritdoc/>
    public Task FollowAsync(string label, Action changed, CancellationToken ct) => AskAsync(
        async client =>
        {
            var wanted = new ContainerEventsParameters { Filters = Filter(("type", ["container"]), ("label", [label]), ("event", Actions)) };
            await client.System.MonitorEventsAsync(wanted, new Told(changed), ct);
            return true;
        },
        // No time counts for it: an engine of which nothing changes says nothing.
        "is not followed any more",
        ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated)
            _client.Value.Dispose();
    }

    private static DockerClient Connect(string address, string? certificates)
    {
        // What the engine's own programs write as tcp:// is HTTP.
        var text = address.StartsWith("tcp://", StringComparison.Ordinal) ? "http" + address[3..] : address;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("unix" or "http"))
            throw new ContainerEngineException($"DOCKER_HOST is '{address}', expected unix:///path or tcp://host:port");
        var builder = new DockerClientBuilder().WithEndpoint(uri);
        return certificates is null || uri.Scheme == "unix"
            ? builder.Build()
            : builder.WithAuthProvider(EngineTls.Read(certificates)).WithTransportOptions(new NativeHttpTransportOptions()).Build();
    }

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    /// <param name="ask">The question.</param>
    /// <param name="ended">What it means that the wait was ended, though not by the caller.</param>
    /// <param name="ct">Ends the wait for the caller.</param>
    private async Task<T> AskAsync<T>(Func<DockerClient, Task<T>> ask, string ended, CancellationToken ct)
    {
        try
        {
            return await ask(_client.Value);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ContainerEngineException($"the engine at {_address} {ended}");
        }
        catch (DockerApiException refused)
        {
            throw new ContainerEngineException($"the engine at {_address} answered {(int)refused.StatusCode}: {refused.Message}", refused);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or SocketException or TimeoutException or JsonException)
        {
            throw new ContainerEngineException($"no engine answers at {_address}: {(fault.InnerException ?? fault).Message}", fault);
        }
    }

    private static ContainerFacts Facts(ContainerListResponse said) => new(said.Names is [var name, ..] ? name.TrimStart('/') : said.ID, new Dictionary<string, string>(said.Labels ?? new Dictionary<string, string>()))
    {
        Created = new DateTimeOffset(DateTime.SpecifyKind(said.Created, DateTimeKind.Utc)),
        IsOnHostNetwork = said.HostConfig?.NetworkMode == "host",
        Addresses = (said.NetworkSettings?.Networks ?? new Dictionary<string, EndpointSettings>())
            .ToDictionary(static pair => pair.Key, static pair => pair.Value.IPAddress is { Length: > 0 } v4 ? v4 : pair.Value.GlobalIPv6Address ?? "", StringComparer.Ordinal),
        Ports = [.. (said.Ports ?? []).Where(static port => port.Type == "tcp").Select(static port => new ContainerPort(port.PrivatePort, port.PublicPort, port.IP ?? ""))],
    };

    private static Filters Filter(params (string Key, string[] Values)[] parts) =>
        parts.ToDictionary(static part => part.Key, static part => (IDictionary<string, bool>)part.Values.ToDictionary(static value => value, static _ => true));

    /// <summary>Tells at once, in the thread that reads: whoever is told only notes it.</summary>
    private sealed class Told(Action changed) : IProgress<Message>
    {
        public void Report(Message value) => changed();
    }
}
