using McpActors.Gateway.Observability;
using Microsoft.AspNetCore.OpenApi;

namespace McpActors.Gateway.Management;

/// <summary>The head of <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiDocument
{
    /// <summary>Names the API.</summary>
    public static void Describe(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "McpActors";
        document.Info.Version = NodeVersion.Text;
        document.Info.Description = "State and control of a McpActors node. Errors are problem details (RFC 9457).";
        return Task.CompletedTask;
    });
}
