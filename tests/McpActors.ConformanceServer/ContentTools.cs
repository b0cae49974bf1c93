using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.ConformanceServer;

/// <summary>Tools of the official suite that need nothing from the client.</summary>
[McpServerToolType]
internal sealed class ContentTools(TimeProvider time)
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);

    [McpServerTool(Name = "test_simple_text"), Description("Answers with a text.")]
    public static string SimpleText() => "This is a simple text response for testing.";

    [McpServerTool(Name = "test_image_content"), Description("Answers with an image.")]
    public static ImageContentBlock Image() => Shapes.Image();

    [McpServerTool(Name = "test_audio_content"), Description("Answers with a sound.")]
    public static AudioContentBlock Audio() => AudioContentBlock.FromBytes(Shapes.Wav, "audio/wav");

    [McpServerTool(Name = "test_embedded_resource"), Description("Answers with a resource.")]
    public static EmbeddedResourceBlock Embedded() =>
        Shapes.Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.");

    [McpServerTool(Name = "test_multiple_content_types"), Description("Answers with text, image and resource.")]
    public static IEnumerable<ContentBlock> Mixed() =>
    [
        Shapes.Text("Multiple content types test:"),
        Shapes.Image(),
        Shapes.Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
    ];

    [McpServerTool(Name = "test_error_handling"), Description("Always fails.")]
    public static string Error() => throw new McpException("This tool intentionally returns an error for testing");

    [McpServerTool(Name = "test_tool_with_progress"), Description("Reports progress three times.")]
    public async Task<string> ProgressAsync(IProgress<ProgressNotificationValue> progress, CancellationToken cancellation)
    {
        foreach (var done in (int[])[0, 50, 100])
        {
            progress.Report(new ProgressNotificationValue { Progress = done, Total = 100 });
            await Task.Delay(s_step, time, cancellation);
        }

        return "Tool with progress executed successfully";
    }

    [McpServerTool(Name = "test_tool_with_logging"), Description("Sends three log messages.")]
    public async Task<string> LoggingAsync(RequestContext<CallToolRequestParams> context, CancellationToken cancellation)
    {
        foreach (var text in (string[])["Tool execution started", "Tool processing data", "Tool execution completed"])
        {
            await LogAsync(context, text, cancellation);
            await Task.Delay(s_step, time, cancellation);
        }

        return "Tool with logging executed successfully";
    }

    [McpServerTool(Name = "test_logging_tool"), Description("Sends a log message to a request that names a level.")]
    public static async Task<string> LogAsync(RequestContext<CallToolRequestParams> context, CancellationToken cancellation)
    {
        if (context.Params?.Meta?["io.modelcontextprotocol/logLevel"] is not null)
            await LogAsync(context, "logged", cancellation);
        return "done";
    }

    [McpServerTool(Name = "test_x_mcp_header"), Description("Takes an argument that travels as a header too.")]
    public static string Header([McpHeader("Region"), Description("Where")] string region) => region;

    private static Task LogAsync(RequestContext<CallToolRequestParams> context, string text, CancellationToken cancellation) =>
        context.Server.SendNotificationAsync(
            NotificationMethods.LoggingMessageNotification,
            new LoggingMessageNotificationParams
            {
                Level = LoggingLevel.Info,
                Logger = "conformance",
                Data = System.Text.Json.JsonSerializer.SerializeToElement(text, McpJsonUtilities.DefaultOptions),
            },
            cancellationToken: cancellation);
}
