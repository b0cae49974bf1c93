using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using McpActors.Core.Health;

namespace McpActors.Cluster.Health;

/// <summary>How a webhook took a request.</summary>
/// <param name="Result">How.</param>
/// <param name="Text">In words, without the address.</param>
internal sealed record WebhookAnswer(DeliveryResult Result, string Text);

/// <summary>The way to webhooks.</summary>
internal interface IWebhooks
{
    /// <summary>Posts JSON; never an exception.</summary>
    Task<WebhookAnswer> PostAsync(Uri webhook, ReadOnlyMemory<byte> body, CancellationToken ct);
}

/// <summary>Webhooks over HTTP. Redirections are not followed: the address may be a secret, and where it leads is not ours to try.</summary>
internal sealed class HttpWebhooks : IWebhooks, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    { Timeout = Limit };

    public async Task<WebhookAnswer> PostAsync(Uri webhook, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        try
        {
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook) { Content = content };
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return new WebhookAnswer(ResultOf(response.StatusCode), $"HTTP {(int)response.StatusCode}");
        }
        catch (OperationCanceledException)
        {
            return new WebhookAnswer(DeliveryResult.Retry, ct.IsCancellationRequested ? "the monitor stopped" : $"no answer within {Limit.TotalSeconds:0} s");
        }
        catch (HttpRequestException fault)
        {
            // The message may hold the address.
            return new WebhookAnswer(DeliveryResult.Retry, $"it cannot be reached ({fault.HttpRequestError})");
        }
    }

    public void Dispose() => _http.Dispose();

    private static DeliveryResult ResultOf(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => DeliveryResult.Delivered,
        408 or 425 or 429 or >= 500 => DeliveryResult.Retry,
        _ => DeliveryResult.Refused,
    };
}

/// <summary>
/// The body of a webhook: <c>version</c> (1), <c>source</c> (<c>mcpactors</c>), <c>rule</c>, <c>text</c> (all of it in words, as chat programs show it) and
/// <c>alerts</c>, each with <c>id</c> (of the notification: the same when it is sent again), <c>alert</c> (of the alert: the same when it fires, repeats and
/// is resolved), <c>event</c>, <c>status</c> (<c>firing</c>, <c>resolved</c>, or <c>event</c> for a momentary one), <c>subject</c>, <c>text</c>, <c>labels</c>
/// of the server, <c>since</c>, <c>firedAt</c>, <c>repeats</c>, <c>at</c> and, at the end, <c>resolvedAt</c>. Members are only added.
/// </summary>
internal static class WebhookBody
{
    /// <summary>Writes the body of one request.</summary>
    /// <param name="delivery">What is told.</param>
    /// <param name="labels">The labels of a subject that is a server.</param>
    public static ReadOnlyMemory<byte> Write(Delivery delivery, Func<string, IReadOnlyDictionary<string, string>?> labels)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteNumber("version"u8, 1);
        json.WriteString("source"u8, "mcpactors"u8);
        json.WriteString("rule"u8, delivery.Rule.Name);
        json.WriteString("text"u8, string.Join('\n', delivery.Notifications.Select(Sentence)));
        json.WriteStartArray("alerts"u8);
        foreach (var notification in delivery.Notifications)
        {
            WriteAlert(json, notification, labels(notification.Alert.Subject));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    private static void WriteAlert(Utf8JsonWriter json, Notification notification, IReadOnlyDictionary<string, string>? labels)
    {
        var alert = notification.Alert;
        json.WriteStartObject();
        json.WriteString("id"u8, notification.Id);
        json.WriteString("alert"u8, alert.Id);
        json.WriteString("event"u8, alert.Event.Word());
        json.WriteString("status"u8, Status(notification));
        json.WriteString("subject"u8, alert.Subject);
        json.WriteString("text"u8, alert.Text);
        json.WriteStartObject("labels"u8);
        foreach (var (name, value) in labels?.OrderBy(label => label.Key, StringComparer.Ordinal) ?? Enumerable.Empty<KeyValuePair<string, string>>())
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteString("since"u8, alert.Since);
        json.WriteString("firedAt"u8, alert.FiredAt);
        json.WriteNumber("repeats"u8, alert.Repeats);
        json.WriteString("at"u8, notification.At);
        if (notification.IsResolved)
        {
            json.WriteString("resolvedAt"u8, alert.ResolvedAt!.Value);
        }

        json.WriteEndObject();
    }

    private static string Status(Notification notification) =>
        notification.IsResolved ? "resolved" : notification.Alert.Event.IsMomentary() ? "event" : "firing";

    private static string Sentence(Notification notification)
    {
        var alert = notification.Alert;
        return notification.IsResolved ? $"resolved: {alert.Event.Word()} of {alert.Subject}" : $"{alert.Event.Word()} of {alert.Subject}: {alert.Text}";
    }
}
