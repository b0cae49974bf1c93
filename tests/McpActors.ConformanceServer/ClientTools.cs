using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.ConformanceServer;

/// <summary>Tools of the official suite that ask the client while they run, by requests of the legacy era.</summary>
[McpServerToolType]
internal sealed class ClientTools
{
    private const string Defaults = """
        {"type":"object","required":[],"properties":{
          "name":{"type":"string","description":"User name","default":"John Doe"},
          "age":{"type":"integer","description":"User age","default":30},
          "score":{"type":"number","description":"User score","default":95.5},
          "status":{"type":"string","description":"User status","enum":["active","inactive","pending"],"default":"active"},
          "verified":{"type":"boolean","description":"Verification status","default":true}}}
        """;

    private const string Enums = """
        {"type":"object","required":[],"properties":{
          "untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
          "titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
          "legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],"enumNames":["Option One","Option Two","Option Three"]},
          "untitledMulti":{"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}},
          "titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},{"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}}}}
        """;

    private const string User = """
        {"type":"object","required":["username","email"],"properties":{
          "username":{"type":"string","description":"User's response"},
          "email":{"type":"string","description":"User's email address"}}}
        """;

    [McpServerTool(Name = "test_sampling"), Description("Asks the client's model.")]
    public static async Task<string> SampleAsync(McpServer server, [Description("The prompt")] string prompt, CancellationToken cancellation) =>
        $"LLM response: {Shapes.TextOf(await server.SampleAsync(Shapes.Sample(prompt, 100), cancellation))}";

    [McpServerTool(Name = "test_elicitation"), Description("Asks the user.")]
    public static async Task<string> ElicitAsync(McpServer server, [Description("The message")] string message, CancellationToken cancellation)
    {
        var answer = await server.ElicitAsync(Shapes.Form(message, User), cancellation);
        return $"User response: <action: {answer.Action}, content: {Shapes.Json(answer.Content)}>";
    }

    [McpServerTool(Name = "test_elicitation_sep1034_defaults"), Description("Asks the user with a default for every kind of value.")]
    public static Task<string> DefaultsAsync(McpServer server, CancellationToken cancellation) =>
        AskAsync(server, Shapes.Form("Please review the defaults", Defaults), cancellation);

    [McpServerTool(Name = "test_elicitation_sep1330_enums"), Description("Asks the user with every kind of choice.")]
    public static Task<string> EnumsAsync(McpServer server, CancellationToken cancellation) =>
        AskAsync(server, Shapes.Form("Please choose", Enums), cancellation);

    private static async Task<string> AskAsync(McpServer server, ElicitRequestParams form, CancellationToken cancellation)
    {
        var answer = await server.ElicitAsync(form, cancellation);
        return $"Elicitation completed: action={answer.Action}, content={Shapes.Json(answer.Content)}";
    }
}
