using System.Security.Cryptography;
using System.Text;
using McpActors.Cluster.Nodes;

namespace McpActors.Gateway.Nodes;

/// <summary>The first middleware of the internal listener: members of the cluster pass, which have this node's token from its own mouth, and nobody else.</summary>
internal sealed class InternalGuard(RequestDelegate next, INodes nodes)
{
    private readonly byte[] _expected = Encoding.ASCII.GetBytes("Bearer " + nodes.Token);

    /// <summary>Passes the request on, or answers 401.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var given = context.Request.Headers.Authorization;
        if (given.Count == 1 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given[0]!), _expected))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
