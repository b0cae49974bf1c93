using McpActors.Cluster.Lifecycle;

namespace McpActors.Gateway.Front;

/// <summary>Whether the process lives, and whether it takes calls.</summary>
internal static class Probes
{
    private static readonly byte[] Live = """{"status":"live"}"""u8.ToArray();
    private static readonly byte[] Ready = """{"status":"ready"}"""u8.ToArray();
    private static readonly byte[] Starting = """{"status":"starting"}"""u8.ToArray();
    private static readonly byte[] Draining = """{"status":"draining"}"""u8.ToArray();

    private static readonly byte[] CutOff = """{"status":"cutOff"}"""u8.ToArray();

    /// <summary>The process answers.</summary>
    public static Task LiveAsync(HttpContext http) => AnswerAsync(http, StatusCodes.Status200OK, Live);

    /// <summary>The node takes calls.</summary>
    public static Task ReadyAsync(HttpContext http)
    {
        var drain = http.RequestServices.GetRequiredService<IDrain>();
        return drain.Draining ? AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, Draining)
            : drain.IsCutOff ? AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, CutOff)
            : http.RequestServices.GetRequiredService<INodeReadiness>().IsReady ? AnswerAsync(http, StatusCodes.Status200OK, Ready)
            : AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, Starting);
    }

    private static async Task AnswerAsync(HttpContext http, int status, byte[] body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }
}
