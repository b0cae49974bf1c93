using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpActors.Gateway.Cli;

/// <summary>A failure that the command line shows as one line.</summary>
/// <param name="message">What happened, and what to do.</param>
internal sealed class CliException(string message) : Exception(message);

/// <summary>Talks to the management listener of a node for the command line.</summary>
internal sealed class ManagementClient(Uri baseAddress) : IDisposable
{
    /// <summary>Where a node listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:8558";

    /// <summary>The environment variable that replaces <see cref="DefaultUrl"/>.</summary>
    public const string UrlVariable = "MCPACTORS_URL";

    private readonly HttpClient _http = new() { BaseAddress = baseAddress, Timeout = TimeSpan.FromMinutes(2) };

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
        catch (HttpRequestException unreachable)
        {
            throw new CliException($"No node answers at {baseAddress} ({unreachable.Message}). Start one with 'mcpactors run', or name another with --url or {UrlVariable}.");
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CliException($"The node at {baseAddress} did not answer {method} {path} within {_http.Timeout.TotalSeconds:0} s.");
        }
    }

    /// <summary>Reads state.</summary>
    public Task<JsonNode?> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, cancel);

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

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
        throw new CliException(detail is null ? $"{(int)response.StatusCode} {title}" : $"{title}: {detail}");
    }
}
