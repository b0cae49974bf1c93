using McpActors.Core.Servers;
using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Management;

/// <summary>What every management endpoint answers alike.</summary>
internal static class Answers
{
    /// <summary>A JSON body.</summary>
    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, ManagementJson.Options, statusCode: status);

    /// <summary>A refusal as problem details.</summary>
    public static IResult Refuse(int status, string code, string detail) => new ProblemResult(new Problem(status, code, detail));

    /// <summary>An operator's order as it ended.</summary>
    public static IResult Operator(IServerReply reply) => reply switch
    {
        ServerProtocol.OperatorDone done => Json(new { id = done.Server.Value, result = done.Text }),
        ServerProtocol.OperatorRefused refused => Refuse(StatusCodes.Status503ServiceUnavailable, "notStored", refused.Reason),
        _ => Refuse(StatusCodes.Status500InternalServerError, "unexpectedReply", "The server's actor gave an answer of another kind."),
    };

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => ProblemWriter.WriteAsync(httpContext.Response, problem);
    }
}
