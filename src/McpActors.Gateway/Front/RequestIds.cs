namespace McpActors.Gateway.Front;

/// <summary>Echoes the caller's <c>X-Request-Id</c>, so that it finds its call in its own log and in ours.</summary>
public sealed class RequestIds(RequestDelegate next)
{
    private const string Header = "X-Request-Id";
    private const int Longest = 128;

    /// <summary>Echoes the id and passes the request on.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var given = context.Request.Headers[Header];
        if (given.Count == 1 && IsPlain(given[0]))
        {
            context.Response.Headers[Header] = given;
            System.Diagnostics.Activity.Current?.SetTag("http.request.id", given[0]);
        }

        return next(context);
    }

    /// <summary>What goes back into a header and into logs must not be able to end a line.</summary>
    private static bool IsPlain(string? id) =>
        id is { Length: > 0 and <= Longest } && id.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;
}
