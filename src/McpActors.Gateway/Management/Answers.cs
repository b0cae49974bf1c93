using McpActors.Core.Routing;
using McpActors.Core.Servers;
using McpActors.Gateway.Front.Security;
using Microsoft.AspNetCore.Diagnostics;

namespace McpActors.Gateway.Management;

/// <summary>What every management endpoint answers alike.</summary>
internal static class Answers
{
    /// <summary>A JSON body.</summary>
    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, ManagementJson.Options, statusCode: status);

    /// <summary>A refusal as problem details.</summary>
    public static IResult Refuse(int status, string code, string detail, IReadOnlyList<string>? faults = null) =>
        new ProblemResult(new Problem(status, code, detail, Faults: faults));

    /// <summary>There is no such server; the nearest name may be the one that was meant.</summary>
    public static IResult UnknownServer(RouteTable table, string id)
    {
        var wayOut = table.Suggest(id) is { } nearest ? $" Did you mean '{nearest}'?" : " GET /api/v1/servers lists them.";
        return Refuse(StatusCodes.Status404NotFound, "unknownServer", $"There is no server '{id}'." + wayOut);
    }

    /// <summary>An operator's order as it ended.</summary>
    public static IResult Operator(IServerReply reply) => reply switch
    {
        ServerProtocol.OperatorDone done => Json(new OrderView(done.Server.Value, done.Text)),
        ServerProtocol.OperatorRefused refused => Refuse(StatusCodes.Status503ServiceUnavailable, "notStored", refused.Reason),
        _ => Refuse(StatusCodes.Status500InternalServerError, "unexpectedReply", "The server's actor gave an answer of another kind."),
    };

    /// <summary>Gives what routing refused a body: no such path, or not by this method.</summary>
    public static Task ExplainAsync(StatusCodeContext refused)
    {
        var (request, response) = (refused.HttpContext.Request, refused.HttpContext.Response);
        var detail = response.StatusCode == StatusCodes.Status405MethodNotAllowed
            ? $"{request.Path} takes {response.Headers.Allow}, not {request.Method}."
            : $"There is nothing at {request.Method} {request.Path}; /openapi/v1.json describes every route.";
        return ProblemWriter.WriteAsync(response, new Problem(response.StatusCode, response.StatusCode == 405 ? "badMethod" : "unknownRoute", detail));
    }

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => ProblemWriter.WriteAsync(httpContext.Response, problem);
    }
}
