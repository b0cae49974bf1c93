using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace McpActors.Gateway.Front.Security;

/// <summary>A refusal as RFC 9457 tells it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">The rule that refused, stable and machine-readable.</param>
/// <param name="Detail">One sentence for a person: what was wrong and what to do.</param>
/// <param name="RetryAfter">When another attempt makes sense, if that is known.</param>
/// <param name="Faults">Every single fault, where there can be several.</param>
public readonly record struct Problem(int Status, string Code, string Detail, TimeSpan? RetryAfter = null, IReadOnlyList<string>? Faults = null);

/// <summary>Writes problem details.</summary>
public static class ProblemWriter
{
    /// <summary>Answers with <paramref name="problem"/> and ends the response.</summary>
    public static async Task WriteAsync(HttpResponse response, Problem problem)
    {
        ArgumentNullException.ThrowIfNull(response);
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, Title(problem.Status));
            json.WriteNumber("status"u8, problem.Status);
            json.WriteString("code"u8, problem.Code);
            json.WriteString("detail"u8, problem.Detail);
            json.WriteString("origin"u8, "mcpactors"u8);
            WriteFaults(json, problem.Faults);
            json.WriteEndObject();
        }

        response.StatusCode = problem.Status;
        response.ContentType = "application/problem+json";
        response.ContentLength = body.WrittenCount;
        if (problem.RetryAfter is { } wait)
            response.Headers.RetryAfter = RetryAfterText(wait);
        await response.BodyWriter.WriteAsync(body.WrittenMemory, response.HttpContext.RequestAborted);
    }

    private static void WriteFaults(Utf8JsonWriter json, IReadOnlyList<string>? faults)
    {
        if (faults is null)
            return;
        json.WriteStartArray("faults"u8);
        foreach (var fault in faults)
            json.WriteStringValue(fault);
        json.WriteEndArray();
    }

    /// <summary>Whole seconds, rounded up, at least one: a client that obeys must not come too early.</summary>
    internal static string RetryAfterText(TimeSpan wait) =>
        Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    internal static string Title(int status) => status switch
    {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    };
}
