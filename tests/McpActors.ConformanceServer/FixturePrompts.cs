using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.ConformanceServer;

/// <summary>Prompts of the official suite.</summary>
[McpServerPromptType]
internal sealed class FixturePrompts
{
    [McpServerPrompt(Name = "test_simple_prompt"), Description("A prompt without arguments.")]
    public static PromptMessage Simple() => Message(Shapes.Text("This is a simple prompt for testing."));

    [McpServerPrompt(Name = "test_prompt_with_arguments"), Description("A prompt with two arguments.")]
    public static PromptMessage Arguments([Description("First test argument")] string arg1, [Description("Second test argument")] string arg2) =>
        Message(Shapes.Text($"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"));

    [McpServerPrompt(Name = "test_prompt_with_embedded_resource"), Description("A prompt with a resource in it.")]
    public static IEnumerable<PromptMessage> Embedded([Description("URI of the resource to embed")] string resourceUri) =>
    [
        Message(Shapes.Embedded(resourceUri, "text/plain", "Embedded resource content for testing.")),
        Message(Shapes.Text("Please process the embedded resource above.")),
    ];

    [McpServerPrompt(Name = "test_prompt_with_image"), Description("A prompt with an image in it.")]
    public static IEnumerable<PromptMessage> Image() => [Message(Shapes.Image()), Message(Shapes.Text("Please analyze the image above."))];

    [McpServerPrompt(Name = "test_input_required_result_prompt"), Description("A prompt that asks for its context.")]
    public static PromptMessage Input(RequestContext<GetPromptRequestParams> context) =>
        Message(Shapes.Text($"Context: {InputTools.ContextOf(context.Params.InputResponses)}"));

    private static PromptMessage Message(ContentBlock content) => new() { Role = Role.User, Content = content };
}
