using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Settings;
using McpActors.Core.Discovery.Registries;

namespace McpActors.Transports.Registries;

/// <summary>
/// Asks a registry that speaks <c>/v0.1/servers</c>, page by page. After a whole list it asks only for what changed since (<c>updated_since</c>), if the registry
/// honours that, and for everything now and then; pages with an ETag are not sent twice. Used by one caller at a time.
/// </summary>
/// <param name="client">Follows no redirects: a registry must not send us, or our headers, elsewhere.</param>
/// <param name="options">The registry; its address is set.</param>
/// <param name="time">Clock of waits and of <c>updated_since</c>.</param>
public sealed class RegistryReader(HttpMessageInvoker client, RegistryOptions options, TimeProvider time) : IRegistryReader
{
    private const string ApiPath = "/v0.1";
    private const int PageSize = 100;
    private const int MostPages = 1_000;
    private const int MostPageBytes = 4 * 1024 * 1024;
    private const long MostBytes = 64L * 1024 * 1024;

    /// <summary>Questions for changes only, between two for everything: finds what a registry dropped without saying so.</summary>
    private const int WholeEvery = 12;

    /// <summary>Pauses that a registry may ask for in the middle of a list; longer ones end it.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private const int MostPauses = 20;

    /// <summary>Their clock is not ours.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, (EntityTagHeaderValue Tag, RegistryPage Page)> _pages = new(StringComparer.Ordinal);
    private RegistryListing? _held;
    private DateTimeOffset _heldSince;
    private bool _honoursSince = true;
    private int _changesOnly;

    /// <inheritdoc/>
    public async Task<RegistryAnswer> ReadAsync(CancellationToken ct)
    {
        var began = time.GetUtcNow();
        try
        {
            RegistryListing? listing = null;
            if (_held is not null && _honoursSince && ++_changesOnly < WholeEvery)
                listing = await ChangesAsync(_held, _heldSince - Overlap, ct);
            if (listing is null)
            {
                _changesOnly = 0;
                listing = new RegistryListing(options.Include);
                await PagesAsync(null, page => Take(listing, page), ct);
            }

            (_held, _heldSince) = (listing, began);
            return new RegistryAnswer.Listed(listing);
        }
        catch (RegistryException refused)
        {
            return new RegistryAnswer.Failed(refused.Message, refused.RetryAfter);
        }
        catch (FormatException odd)
        {
            return new RegistryAnswer.Failed(odd.Message, null);
        }
        catch (HttpRequestException lost)
        {
            return new RegistryAnswer.Failed($"it cannot be reached: {lost.Message}", null);
        }
        catch (IOException lost)
        {
            return new RegistryAnswer.Failed($"its answer broke off: {lost.Message}", null);
        }
    }

    /// <summary>What it was before with the changes laid over it; null when the registry does not honour the question.</summary>
    private async Task<RegistryListing?> ChangesAsync(RegistryListing held, DateTimeOffset since, CancellationToken ct)
    {
        var listing = held.Copy();
        var honoured = true;
        await PagesAsync(since, page => (honoured = page.Servers.All(server => server.UpdatedAt >= since)) && Take(listing, page), ct);
        _honoursSince = honoured;
        return honoured ? listing : null;
    }

    private static bool Take(RegistryListing listing, RegistryPage page)
    {
        listing.Add(page);
        return true;
    }

    /// <summary>Goes through the pages until the last one, or until <paramref name="take"/> has enough.</summary>
    private async Task PagesAsync(DateTimeOffset? since, Func<RegistryPage, bool> take, CancellationToken ct)
    {
        var cursors = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0L;
        var pauses = 0;
        for (string? cursor = null; ;)
        {
            var (page, size) = await PageAsync(Address(since, cursor), ct);
            if (page is null)
            {
                if (++pauses > MostPauses)
                    throw new RegistryException("it asked for a pause too often in one list", LongestPause);
                continue;
            }

            bytes += size;
            if (bytes > MostBytes)
                throw new RegistryException($"its list takes more than {MostBytes / 1024 / 1024} MiB; narrow 'include'");
            if (!take(page))
                return;
            cursor = page.NextCursor;
            if (cursor is null)
                return;
            if (!cursors.Add(cursor))
                throw new RegistryException("its pages go in a circle: a cursor came twice");
            if (cursors.Count >= MostPages)
                throw new RegistryException($"its list takes more than {MostPages} pages; narrow 'include'");
        }
    }

    /// <summary>One page; null after a pause that the registry asked for.</summary>
    private async Task<(RegistryPage? Page, long Bytes)> PageAsync(string address, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var request = Request(address);
            var known = _pages.GetValueOrDefault(address);
            if (known.Tag is not null)
                request.Headers.IfNoneMatch.Add(known.Tag);
            using var response = await client.SendAsync(request, limit.Token);
            if (response.StatusCode == HttpStatusCode.NotModified && known.Tag is not null)
                return (known.Page, 0);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                var body = await ReadAsync(response.Content, limit.Token);
                var page = RegistryPageReader.Read(body);
                Remember(address, response.Headers.ETag, page);
                return (page, body.Length);
            }

            if (!await PausedAsync(response, ct))
                throw Refusal(response);
            return (null, 0);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new RegistryException($"a page took longer than {UnitText.Format(options.Timeout)}");
        }
    }

    /// <summary>Keeps of a page what is included, so that pages of a large registry cost little.</summary>
    private void Remember(string address, EntityTagHeaderValue? tag, RegistryPage page)
    {
        if (tag is null || _pages.Count >= MostPages)
            _pages.Remove(address);
        else
            _pages[address] = (tag, page with { Servers = [.. page.Servers.Where(server => RegistryName.IsIncluded(options.Include, server.Name))] });
    }

    private async Task<bool> PausedAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) || RetryAfter(response) is not { } wait || wait > LongestPause)
            return false;
        await Task.Delay(wait, time, ct);
        return true;
    }

    private RegistryException Refusal(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return status switch
        {
            >= 300 and < 400 => new RegistryException($"it answers {status} and points to {response.Headers.Location}; redirects are not followed, set 'url' to where it is"),
            401 or 403 => new RegistryException($"it answers {status}; give it its key by 'headers'"),
            404 => new RegistryException($"it has no {ApiPath}/servers (404); expected the address of an MCP registry without {ApiPath}"),
            _ => new RegistryException($"it answers {status}", RetryAfter(response)),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };

    private HttpRequestMessage Request(string address)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("mcpactors", "1"));
        foreach (var (name, value) in options.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private string Address(DateTimeOffset? since, string? cursor)
    {
        var root = options.Url!.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (!root.EndsWith(ApiPath, StringComparison.Ordinal))
            root += ApiPath;
        var address = $"{root}/servers?version=latest&limit={PageSize.ToString(CultureInfo.InvariantCulture)}";
        if (RegistryName.SearchText(options.Include) is { } search)
            address += "&search=" + Uri.EscapeDataString(search);
        if (since is { } from)
            address += "&include_deleted=true&updated_since=" + Uri.EscapeDataString(from.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        return cursor is null ? address : address + "&cursor=" + Uri.EscapeDataString(cursor);
    }

    /// <summary>The body, never more than a page may take, also when it grows while it is unpacked.</summary>
    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken ct)
    {
        await using var body = await content.ReadAsStreamAsync(ct);
        using var gathered = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await body.ReadAsync(buffer, ct)) > 0;)
        {
            gathered.Write(buffer, 0, read);
            if (gathered.Length > MostPageBytes)
                throw new RegistryException($"a page takes more than {MostPageBytes / 1024 / 1024} MiB");
        }

        return gathered.ToArray();
    }

    private sealed class RegistryException(string message, TimeSpan? retryAfter = null) : Exception(message)
    {
        public TimeSpan? RetryAfter { get; } = retryAfter;
    }
}
