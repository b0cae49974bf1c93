using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.ConformanceServer;

/// <summary>Small contents and requests that several tools, resources and prompts share.</summary>
internal static class Shapes
{
    /// <summary>A red pixel.</summary>
    public static readonly byte[] Png = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==");

    /// <summary>A RIFF header with no samples.</summary>
    public static readonly byte[] Wav = Convert.FromBase64String("UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=");

    public static TextContentBlock Text(string text) => new() { Text = text };

    public static ImageContentBlock Image() => ImageContentBlock.FromBytes(Png, "image/png");

    public static EmbeddedResourceBlock Embedded(string uri, string mimeType, string text) =>
        new() { Resource = new TextResourceContents { Uri = uri, MimeType = mimeType, Text = text } };

    /// <summary>A form with one required member.</summary>
    public static ElicitRequestParams Ask(string message, string member, string type = "string") =>
        Form(message, $$"""{"type":"object","properties":{"{{member}}":{"type":"{{type}}"} },"required":["{{member}}"]}""");

    /// <summary>A form from its schema as JSON.</summary>
    public static ElicitRequestParams Form(string message, string schema) => new()
    {
        Message = message,
        RequestedSchema = JsonSerializer.Deserialize<ElicitRequestParams.RequestSchema>(schema, McpJsonUtilities.DefaultOptions),
    };

    /// <summary>A question to the client's model.</summary>
    public static CreateMessageRequestParams Sample(string question, int maxTokens) => new()
    {
        Messages = [new SamplingMessage { Role = Role.User, Content = [Text(question)] }],
        MaxTokens = maxTokens,
    };

    public static string TextOf(CreateMessageResult answer) => answer.Content.OfType<TextContentBlock>().FirstOrDefault()?.Text ?? "";

    public static string Json<T>(T value) => JsonSerializer.Serialize(value, McpJsonUtilities.DefaultOptions);
}
