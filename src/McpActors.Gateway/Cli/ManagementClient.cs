using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpActors.Gateway.Cli;

/// <summary>A failure that the command line shows as one line.</summary>
/// <param name="message">What happened, and what to do.</param>
/// <param name="code">The exit code: <see cref="CommandLine.Failed"/>, or <see cref="CommandLine.Usage"/> where the caller is at fault.</param>
internal sealed class CliException(string message, int code = CommandLine.Failed) : Exception(message)
{
    /// <summary>The exit code.</summary>
    public int Code => code;
}

/// <summary>Talks to the management listener of a node for the command line.</summary>
internal sealed class ManagementClient : IDisposable
{
    /// <summary>Where a node listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:8558";

    /// <summary>The environment variable that replaces <see cref="DefaultUrl"/>.</summary>
    public const string UrlVariable = "MCPACTORS_URL";

    /// <summary>The environment variable with the API key.</summary>
    public const string KeyVariable = "MCPACTORS_KEY";

    private readonly HttpClient _http;
    private readonly Uri _address;

    /// <summary>The environment variable with the path of a file that holds the API key.</summary>
    public const string KeyFileVariable = "MCPACTORS_KEY_FILE";

    /// <summary>The environment variable with the path of the authority's PEM file.</summary>
    public const string AuthorityVariable = "MCPACTORS_CA";

    /// <param name="address">The management URL.</param>
    /// <param name="key">The API key, where the node asks for one.</param>
    /// <param name="authority">PEM file with the authority of the node's certificate; null: those of the system.</param>
    public ManagementClient(Uri address, string? key = null, string? authority = null)
    {
        _address = address;
        _http = new HttpClient(Handler(authority)) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        if (key is null)
            return;
        if (key.Any(letter => letter is <= ' ' or > '~'))
            throw new CliException($"The API key must be one word; --key, {KeyVariable} or the file of {KeyFileVariable} holds more than that.", CommandLine.Usage);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>Sends one request and answers its JSON body.</summary>
    /// <exception cref="CliException">The node can't be reached, or it refused; the text says why.</exception>
    public async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var response = await _http.SendAsync(request, cancel);
            return await ReadAsync(response, cancel);
        }
        catch (HttpRequestException distrusted) when (distrusted.InnerException is AuthenticationException fault)
        {
            throw new CliException($"The certificate of {_address} is not trusted ({fault.Message}). Name the authority that issued it with --ca FILE.");
        }
        catch (HttpRequestException unreachable)
        {
            throw new CliException($"No node answers at {_address} ({unreachable.InnerException?.Message ?? unreachable.Message}). Start one with 'mcpactors run', or name another with --url or {UrlVariable}.");
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CliException($"The node at {_address} did not answer {method} {path} within {_http.Timeout.TotalSeconds:0} s.");
        }
    }

    /// <summary>Reads state.</summary>
    public Task<JsonNode?> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, cancel);

    /// <summary>Reads all pages of a list.</summary>
    /// <param name="path">The list.</param>
    /// <param name="member">What holds its rows.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<JsonArray> ListAsync(string path, string member, CancellationToken cancel)
    {
        var all = new JsonArray();
        string? after = null;
        do
        {
            var page = await GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)), cancel);
            foreach (var row in page?[member]?.AsArray() ?? [])
                all.Add(row!.DeepClone());
            after = (string?)page?["next"];
        }
        while (after is not null);
        return all;
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler Handler(string? authority)
    {
        var handler = new SocketsHttpHandler();
        if (authority is null)
            return handler;
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(authority);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"--ca: {authority} is no PEM file with certificates: {fault.Message}", CommandLine.Usage);
        }

        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        return handler;
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        JsonNode? body = null;
        try
        {
            if (isJson)
                body = await response.Content.ReadFromJsonAsync<JsonNode>(cancel);
        }
        catch (JsonException)
        {
            throw new CliException($"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode} with a body that is not JSON. Is that the management URL of a node?");
        }

        // A tool's own failure is an answer; so is a node that is alive but not ready.
        if (response.IsSuccessStatusCode || body?["checks"] is not null)
            return body;
        var title = (string?)body?["title"] ?? response.ReasonPhrase;
        var detail = (string?)body?["detail"];
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            throw new CliException($"This node asks for an API key: set {KeyVariable}, or pass --key. It said: {detail ?? title}");
        throw new CliException(detail is null ? $"{(int)response.StatusCode} {title}" : $"{title}: {detail}");
    }
}
