using System.Globalization;
using McpActors.Gateway.Cli;
using McpActors.Gateway.Observability;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace McpActors.Gateway.Management;

/// <summary>The head of <c>/openapi/v1.json</c>, and the parameters that the handlers read themselves.</summary>
internal static class OpenApiDocument
{
    /// <summary>Names the API and completes its operations.</summary>
    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "McpActors management";
            document.Info.Version = NodeVersion.Text;
            document.Info.Description = "State and control of a McpActors node. Refusals are problem details (RFC 9457): `code` names the rule, `detail` says what to do.";
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiRoute>().FirstOrDefault() is { } route)
                Complete(operation, route);
            return Task.CompletedTask;
        });
    }

    private static void Complete(OpenApiOperation operation, ApiRoute route)
    {
        var parameters = operation.Parameters ??= [];
        foreach (var part in route.Path.Split('/').Where(part => part.StartsWith('{')))
        {
            var name = part.Trim('{', '}');
            parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Description = name switch { "id" => route == ApiTable.RevokeKey ? "The key's id." : route == ApiTable.EndSession ? "The session's id, as the list shows it." : "The server's id.", "tool" => "The tool's own name.", "address" => "host:port of a member.", _ => null },
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        foreach (var query in ApiDescription.Of(route).Query)
        {
            parameters.Add(new OpenApiParameter
            {
                Name = query.Name,
                In = ParameterLocation.Query,
                Description = query.Description,
                Schema = query.IsNumber
                    ? new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = Paging.Most.ToString(CultureInfo.InvariantCulture) }
                    : new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }
}
